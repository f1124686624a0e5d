import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LoadError } from '../errors.ts';
import { archivedFiles } from '../formats/archive.ts';
import { detectFormat } from '../formats/detect-format.ts';
import type { Gdal } from '../formats/gdal.ts';
import { openZip } from '../formats/zip.ts';
import { pictureTime } from './picture-time.ts';

/** A raster file of a delivery, where GDAL can read it. */
export interface FoundPicture {
  path: string;
  /** Name under which it was handed in. */
  name: string;
  format: 'geotiff' | 'hgt';
  /** What its name says about its time. */
  time: string | null;
}

const RASTER = /\.(tiff?|hgt)$/i;
const MOST_PICTURES = 500;

/**
 * The pictures of a delivery, in the order of their times: a file, a folder of files or a zip of them. Null when it is
 * no raster at all.
 */
export async function findPictures(path: string, gdal: () => Promise<Gdal>): Promise<FoundPicture[] | null> {
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path)).filter((name) => RASTER.test(name) && !name.startsWith('.')).toSorted();
    if (names.length === 0) return null;
    const found: FoundPicture[] = [];
    for (const name of names) found.push(await pictureOf(join(path, name), name));
    return inOrder(found, path);
  }
  const { format } = await detectFormat(path);
  if (format === 'geotiff' || format === 'hgt')
    return [{ path, name: basename(path), format, time: pictureTime(basename(path)) }];
  return format === 'zip' ? unzip(path, gdal) : null;
}

async function pictureOf(path: string, name: string): Promise<FoundPicture> {
  if ((await stat(path)).size === 0)
    throw new LoadError('EMPTY_FILE', { zh: `${name} 是 0 字节。`, en: `${name} has 0 bytes.` });
  const { format } = await detectFormat(path, name);
  if (format !== 'geotiff' && format !== 'hgt') {
    throw new LoadError('UNREADABLE', {
      zh: `${name} 的内容不是 GeoTIFF。请重新导出。`,
      en: `the content of ${name} is no GeoTIFF. Export it again.`,
    });
  }
  return { path, name, format, time: pictureTime(name) };
}

/** Rasters of an archive that holds nothing likelier; GDAL knows a height tile by its name, so names are kept. */
async function unzip(path: string, gdal: () => Promise<Gdal>): Promise<FoundPicture[] | null> {
  const zip = await openZip(path);
  try {
    const files = archivedFiles(zip.members);
    if (files.length === 0 || !files.every(({ name, kind }) => kind === 'file' && RASTER.test(name))) return null;
    assertNotTooMany(files.length, path);
    const found: FoundPicture[] = [];
    for (const { name, members } of files) {
      const folder = await (await gdal()).newFolder();
      const target = join(folder, basename(name));
      const [member] = members;
      if (!member) continue;
      await member.extract(target);
      for (const part of zip.members) {
        if (part !== member && isCompanion(part.name, name)) await part.extract(join(folder, basename(part.name)));
      }
      found.push(await pictureOf(target, basename(name)));
    }
    return inOrder(found, path);
  } finally {
    zip.close();
  }
}

/** True for the place or the CRS of a picture, which lie beside it under its name. */
function isCompanion(name: string, picture: string): boolean {
  const stem = picture.replace(RASTER, '').toLowerCase();
  return name.toLowerCase().startsWith(`${stem}.`) && /\.(tfw|tifw|wld|prj)$/i.test(name);
}

function inOrder(found: FoundPicture[], path: string): FoundPicture[] {
  assertNotTooMany(found.length, path);
  const order = ({ time }: FoundPicture): string => time ?? '';
  return found.toSorted((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : a.name < b.name ? -1 : 1));
}

function assertNotTooMany(count: number, path: string): void {
  if (count <= MOST_PICTURES) return;
  throw new LoadError('TOO_LARGE', {
    zh: `${basename(path)} 有 ${count} 个栅格，最多 ${MOST_PICTURES} 个。请按时段分成几次交付。`,
    en: `${basename(path)} holds ${count} rasters, at most ${MOST_PICTURES} are taken. Split the delivery by time.`,
  });
}
