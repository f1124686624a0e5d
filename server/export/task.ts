import type { Layer } from '../../layers/define.ts';
import type { DatabaseAddress } from '../db/connect.ts';
import type { Predicate } from '../filter/predicate.ts';
import type { ExportColumn } from './columns.ts';
import type { RowForm } from './formats.ts';

/** Everything the thread that reads and writes the rows is told: plain data. */
export interface ExportTask {
  address: DatabaseAddress;
  layer: Layer;
  load: number;
  /** Table with the rows of that load, `schema.table`. */
  table: string;
  predicate: Predicate;
  columns: readonly ExportColumn[];
  rows: RowForm;
  /** Texts longer than this many bytes are counted: the Shapefile cuts them. */
  countOver: number | null;
}

/** From the thread. */
export type ExportEvent =
  | { kind: 'chunk'; bytes: Uint8Array }
  /** `unlocated`: rows without a place. `cut`: texts longer than `countOver`. */
  | { kind: 'progress'; rows: number; unlocated: number; cut: number }
  | { kind: 'end'; rows: number }
  | { kind: 'error'; code: 'VERSION_GONE' | null; message: string; sqlState: string | null };

/** To the thread: the next chunk is welcome, or nobody wants any more. */
export type ExportOrder = 'more' | 'cancel';
