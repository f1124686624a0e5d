import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';

/** Writes features from many pages into one GeoJSON file, as they come. */
export class FeatureFile {
  count = 0;
  private readonly stream: WriteStream;

  /** @param crs the `crs` member of the first page, which the others share */
  constructor(path: string, crs?: unknown) {
    this.stream = createWriteStream(path);
    const member = crs === undefined || crs === null ? '' : `"crs":${JSON.stringify(crs)},`;
    this.stream.write(`{"type":"FeatureCollection",${member}"features":[`);
  }

  async add(features: readonly unknown[]): Promise<void> {
    for (const feature of features) {
      const isFull = !this.stream.write(`${this.count === 0 ? '\n' : ',\n'}${JSON.stringify(feature)}`);
      this.count += 1;
      if (isFull) await once(this.stream, 'drain');
    }
  }

  async end(): Promise<void> {
    this.stream.end('\n]}\n');
    await once(this.stream, 'close');
  }
}
