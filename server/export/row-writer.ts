import type { ExportRow } from './read-rows.ts';

/** Takes bytes of the file, in order; resolves when more are welcome. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

/** Writes rows in one form. */
export interface RowWriter {
  begin(): Promise<void>;
  write(rows: readonly ExportRow[]): Promise<void>;
  end(): Promise<void>;
}
