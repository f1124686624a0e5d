import { open } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { type Samples, Tiff, type TiffLevel, type TiffWindow } from '../db/tiff.ts';

/** Published rasters, read by ranges. What was unpacked last is kept: neighbouring map tiles share it. */
export interface RasterStore {
  /** The tables of a picture. @param file its path below the folder of rasters. Throws ENOENT when it is gone. */
  open(file: string): Promise<Tiff>;
  /** Samples of a part of a level; null when nothing of it lies inside. */
  window(
    tiff: Tiff,
    level: TiffLevel,
    box: readonly [left: number, top: number, right: number, bottom: number],
  ): Promise<TiffWindow | null>;
}

const MOST_OPENED = 200;
const MOST_BYTES = 64 << 20;

export function createRasterStore(folder: string): RasterStore {
  const root = resolve(folder);
  const opened = new Map<string, Promise<Tiff>>();
  const tiles = new Map<string, Samples | null>();
  let bytes = 0;

  function keep(key: string, samples: Samples | null): void {
    tiles.set(key, samples);
    bytes += samples?.byteLength ?? 0;
    for (const [oldest, value] of tiles) {
      if (bytes <= MOST_BYTES) break;
      tiles.delete(oldest);
      bytes -= value?.byteLength ?? 0;
    }
  }

  return {
    async open(file) {
      const known = opened.get(file);
      if (known) return known;
      const path = resolve(root, file);
      // What the database says is data: a path in it must not lead out of the folder.
      if (!path.startsWith(root + sep)) throw Object.assign(new Error(`no raster: ${file}`), { code: 'ENOENT' });
      const opening = Tiff.open(path);
      opened.set(file, opening);
      opening.catch(() => opened.delete(file));
      const [oldest] = opened.keys();
      if (opened.size > MOST_OPENED && oldest !== undefined) opened.delete(oldest);
      return opening;
    },

    async window(tiff, level, box) {
      // Opened for this answer only: nothing keeps a file that retention removes.
      const file = await open(tiff.path);
      try {
        return await tiff.window(level, box, async (index) => {
          const key = `${tiff.path}:${level.width}:${index}`;
          const known = tiles.get(key);
          if (known !== undefined) {
            tiles.delete(key);
            tiles.set(key, known);
            return known;
          }
          const samples = await tiff.tile(file, level, index);
          keep(key, samples);
          return samples;
        });
      } finally {
        await file.close();
      }
    },
  };
}
