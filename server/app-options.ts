import type { Logger } from 'pino';
import type { AccessSettings } from './auth/caller.ts';
import type { Database, Sql } from './db/connect.ts';
import type { EtlProcess } from './etl-process.ts';
import type { ExportSettings } from './export/exports.ts';
import type { Intake } from './incidents/intake.ts';
import type { HubStats } from './live/options.ts';
import type { LaneOptions } from './lanes/lane.ts';
import type { RateLimitOptions } from './intake/rate-limit.ts';
import type { RejectFile } from './reject-file.ts';
import type { NotifySettings } from './notify/settings.ts';

/** The lane of requests that may ask for anything (`lanes/lane-of.ts`): what they work with, and how many at a time. */
export interface PlannerLane extends Partial<LaneOptions> {
  /** Connections of their own, so that nobody else waits for theirs; those of everybody when left out. */
  db?: Database;
  /** How long one of their queries may take, ms; undefined: no limit. */
  limitMs?: number | undefined;
}

export interface AppOptions {
  db: Database;
  /** How long a query may take, ms; undefined: no limit. Only told to callers: the database enforces it. */
  limitMs?: number | undefined;
  planner?: PlannerLane;
  access: AccessSettings;
  log: Logger;
  /** Folder of the data: published rasters are in `<dataDir>/raster`, photos of incidents in `<dataDir>/media`. */
  dataDir: string;
  version: string;
  intake: Intake;
  hubStats?: () => HubStats | null;
  isLoading?: () => boolean;
  /** Bytes of vector tiles kept ready to be sent again; default 64 MB. */
  tileCacheBytes?: number;
  /** What links in answers begin with; what the request came to when left out. */
  publicUrl?: string | undefined;
  /** Makes the files of rows that were set aside; without it they cannot be had. */
  rejectFile?: RejectFile;
  /** The columns that counts are made from. */
  columns?: {
    /** Memory for all of them, bytes; 1 GiB when left out. */
    bytes?: number;
    /** Folder of their snapshots; without it every start reads them anew. */
    folder?: string;
  };
  /** What one address may report without a token. */
  reports?: RateLimitOptions;
  /** What readings of sensors are stored through, and for how many days: connections of their own, so that no map holds them up. */
  readings?: { sql: Sql; keepDays: number };
  /** Runs commands of the loader; without it no layers can be made. */
  etl?: EtlProcess;
  /** Limits of exports, and what makes the formats of GDAL; without it there are few rows and none of those formats. */
  exports?: ExportSettings;
  /** How people are told; without it by the bell of the dashboard only. */
  notify?: NotifySettings;
}
