import type { Text } from '../layers/define.ts';
import type { RasterPicture } from '../layers/raster.ts';
import type { FileCode, RejectCode, RepairCode } from './checks/codes.ts';
import type { AddressMiss } from './link/address/address-linker.ts';
import type { Reject } from './steps/rejects.ts';

/** How many of the rows found what they point at, by one link that the layer declares. */
export interface LinkRate {
  kind: 'place' | 'reference' | 'address' | 'precision' | 'building' | 'grid';
  /** The field that says it. */
  by: string;
  /** The layer it leads to. */
  to: string;
  /** Accepted rows that found it. */
  matched: number;
  /** Accepted rows that have nothing to find it by. */
  empty: number;
  /** Accepted rows that found nothing. */
  dead: number;
  /** Rows set aside because there is no such key: a reference must be kept, a place need not. */
  refused: number;
  /** Of an address that leads to no building: why. */
  reasons?: Record<AddressMiss, number>;
}

/** What became of a file of readings. */
export interface SeriesReport {
  /** Number of the load; of an unchanged file, that of the load that added it. */
  load: number | null;
  status: 'published' | 'unchanged' | 'failed';
  file: { path: string; bytes: number; sha256: string } | null;
  rows: { in: number; accepted: number; quarantined: number };
  rejects: { code: RejectCode; count: number }[];
  /** Time of the first and of the last reading of the file. */
  from: string | null;
  to: string | null;
  seconds: number;
  error: { code: FileCode | 'INTERNAL'; text: Text } | null;
}

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
  links: LinkRate[];
  /** Readings over time that were delivered with the layer. */
  series?: SeriesReport;
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

/** The report of a load that has done nothing yet. */
export function emptyReport(layer: string, title: Text, startedAt: Date): LoadReport {
  return {
    load: null,
    layer,
    title,
    status: 'failed',
    startedAt: startedAt.toISOString(),
    finishedAt: '',
    file: null,
    format: null,
    encoding: null,
    crs: null,
    rows: { in: 0, accepted: 0, repaired: 0, quarantined: 0, unlocated: 0 },
    rejects: [],
    repairs: [],
    bbox: null,
    links: [],
    scale: 1,
    steps: [],
    seconds: 0,
    rowsPerSecond: 0,
    notes: [],
    error: null,
  };
}

/** True when the rows of a layer, or its readings over time, were not loaded. */
export function hasFailed({ status, series }: LoadReport): boolean {
  return status === 'failed' || series?.status === 'failed';
}
