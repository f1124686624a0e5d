import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { DiskLimit } from '../export/disk-limit.ts';

/** A row of a result: GeoJSON of its shape as text, null without a place, and its values by field. */
export interface ResultRow {
  geometry: string | null;
  values: Record<string, unknown>;
}

/** Bytes between two looks at how much of the disk is taken. */
const STEP = 16 << 20;

/** Writes the rows of a result as GeoJSON, as they come, numbered in the field `row_no`. */
export class FeatureWriter {
  readonly counted = { rows: 0 };
  bytes = 0;
  private readonly stream: WriteStream;
  private readonly disk: DiskLimit;
  private sinceLook = 0;

  constructor(path: string, disk: DiskLimit) {
    this.disk = disk;
    this.stream = createWriteStream(path);
    this.stream.write('{"type":"FeatureCollection","features":[');
  }

  async add(rows: readonly ResultRow[]): Promise<void> {
    for (const { geometry, values } of rows) {
      this.counted.rows += 1;
      const properties = JSON.stringify({ row_no: this.counted.rows, ...values });
      const text = `${this.counted.rows === 1 ? '\n' : ',\n'}{"type":"Feature","geometry":${geometry ?? 'null'},"properties":${properties}}`;
      this.bytes += text.length;
      this.sinceLook += text.length;
      if (!this.stream.write(text)) await once(this.stream, 'drain');
    }
    if (this.sinceLook < STEP) return;
    this.sinceLook = 0;
    await this.disk.check();
  }

  async end(): Promise<void> {
    this.stream.end('\n]}\n');
    await once(this.stream, 'close');
  }

  /** Ends it without a whole file. */
  destroy(): void {
    this.stream.destroy();
  }
}
