import type { Text } from '../layers/define.ts';
import type { RasterPicture } from '../layers/raster.ts';
import type { FileCode, RejectCode, RepairCode } from './checks/codes.ts';
import type { Reject } from './steps/rejects.ts';

/** What one load did: stored in `app.load.report`, written to `reports/<load>.json` and shown by the command. */
export interface LoadReport {
  /** Number of the load; null when it failed before it got one. */
  load: number | null;
  layer: string;
  title: Text;
  /** `unchanged`: the live version was made of the same, so that nothing had to be done. */
  status: 'published' | 'unchanged' | 'failed';
  /** Of an unchanged delivery: the load that made the live version. */
  sameAs?: number;
  startedAt: string;
  finishedAt: string;
  file: { path: string; bytes: number; sha256: string } | null;
  format: string | null;
  encoding: { name: string; confidence: number; reasons: string[] } | null;
  crs: { name: string; confidence: number; reasons: Text[]; candidates: string[] } | null;
  rows: { in: number; accepted: number; repaired: number; quarantined: number; unlocated: number };
  /** Rows set aside, by reason, most frequent first. */
  rejects: { code: RejectCode; count: number; examples: Reject[] }[];
  repairs: { code: RepairCode; count: number }[];
  /** Accepted rows that found what they point at, by link; `empty` have nothing to find it by, `dead` found nothing. */
  links: { by: string; to: string; matched: number; empty: number; dead: number }[];
  /** Of a raster: its pictures, which count as rows. */
  raster?: RasterPicture[];
  /** Scale of the demo district the file is from; 1 for a delivery of departments. */
  scale: number;
  /** `[minLon, minLat, maxLon, maxLat]` */
  bbox: [number, number, number, number] | null;
  /** Seconds by step, in order. */
  steps: { step: string; seconds: number }[];
  seconds: number;
  /** Rows in per second over all steps. */
  rowsPerSecond: number;
  notes: string[];
  error: { code: FileCode | 'INTERNAL'; text: Text } | null;
  /** Where to see it on the map; imports only. */
  url?: string;
}
