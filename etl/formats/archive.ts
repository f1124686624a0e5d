import { mkdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { LoadError } from '../errors.ts';
import { chooseLayer } from './choose-layer.ts';
import type { Gdal } from './gdal.ts';
import { MAPINFO_PARTS } from './gdal-formats.ts';
import { SHAPEFILE_PARTS } from './shapefile.ts';
import { unsupported } from './unsupported.ts';
import { openZip, type ZipMember } from './zip.ts';

/** A layer found in an archive: one file, or the files that make it up. */
export interface ArchivedFile {
  /** Path in the archive, without the extensions of its parts. */
  name: string;
  members: ZipMember[];
  kind: 'shapefile' | 'mapinfo' | 'filegdb' | 'file';
}

/** Extensions of files that hold data by themselves, the likeliest first: with a layer, a text beside it is a note. */
const FILES: readonly RegExp[] = [
  /\.(gpkg|geojson|geojsonl|geojsons|fgb|geoparquet|parquet|kml|kmz|gml|gpx|dxf|pbf|osm|sqlite)$/i,
  /\.(csv|tsv|tab|psv|pipe|dsv|xlsx|xlsm|xls|ods|json|jsonl|ndjson)$/i,
  /\.(txt|dat|asc)$/i,
  /\.dbf$/i,
  /\.xml$/i,
  /\.(zip|gz)$/i,
  /\.(hgt|tiff?|img|jp2|png|jpe?g|pdf|docx?|pptx?|rar|7z|dwg|html?)$/i,
];

/** What can be loaded out of an archive: files of the likeliest kind only. */
export function archivedFiles(members: readonly ZipMember[]): ArchivedFile[] {
  const byStem = new Map<string, ZipMember[]>();
  for (const member of members) {
    const stem = stemOf(member.name).toLowerCase();
    byStem.set(stem, [...(byStem.get(stem) ?? []), member]);
  }
  const layers: ArchivedFile[] = [];
  for (const [stem, parts] of byStem) {
    const has = (extension: string): ZipMember | undefined =>
      parts.find(({ name }) => extname(name).toLowerCase() === extension);
    const [shape, mif] = [has('.shp'), has('.mif')];
    const tab = has('.dat') ? has('.tab') : undefined;
    if (shape) layers.push({ name: stemOf(shape.name), members: of(parts, SHAPEFILE_PARTS), kind: 'shapefile' });
    for (const table of [mif, tab]) {
      if (table) layers.push({ name: stemOf(table.name), members: of(parts, MAPINFO_PARTS), kind: 'mapinfo' });
    }
    // A file geodatabase is a folder.
    const folder = /^(.*\.gdb)\/a00000001\.gdbtable$/i.exec(`${stem}.gdbtable`)?.[1];
    if (folder !== undefined) {
      const inside = members.filter(({ name }) => dirname(name).toLowerCase() === folder);
      layers.push({ name: dirname((inside[0] as ZipMember).name), members: inside, kind: 'filegdb' });
    }
  }
  const files = (pattern: RegExp): ArchivedFile[] =>
    members
      .filter(({ name }) => pattern.test(name) && !/\.(shp|shx|dbf|gdb|tab|mif)\.xml$/i.test(name))
      .map((member) => ({ name: member.name, members: [member], kind: 'file' as const }));
  const [layerFiles, ...others] = FILES;
  layers.push(...files(layerFiles as RegExp));
  if (layers.length > 0) return layers;
  for (const pattern of others) {
    const found = files(pattern);
    if (found.length > 0) return found;
  }
  return [];
}

function of(parts: readonly ZipMember[], extensions: readonly string[]): ZipMember[] {
  return parts.filter(({ name }) => extensions.includes(extname(name).toLowerCase()));
}

function stemOf(name: string): string {
  return name.slice(0, name.length - extname(name).length);
}

/** A file unpacked into a scratch folder. */
export interface UnpackedFile {
  path: string;
  /** Path in the archive. */
  name: string;
  kind: ArchivedFile['kind'];
}

export interface Unpacked {
  /** `gtfs`, `xlsx`: the archive as a whole is of that format, and nothing was unpacked. */
  kind: 'files' | 'gtfs' | 'xlsx';
  files: UnpackedFile[];
  /** `--layer` where it names something inside of the file, not the file. */
  layer?: string;
  notes: string[];
}

/** Most files that are put together into one layer. */
const MOST_FILES = 500;

/**
 * Unpacks what is to be loaded out of a zip archive. Where there are several files and none was asked for, all are
 * unpacked: files of one form make one layer together, others must be chosen from.
 */
export async function unpackArchive(path: string, gdal: Gdal, wanted: string | undefined): Promise<Unpacked> {
  const zip = await openZip(path);
  try {
    const whole = isTransitFeed(zip.members)
      ? 'gtfs'
      : zip.members.some(({ name }) => name === 'xl/workbook.xml')
        ? 'xlsx'
        : null;
    if (whole) return { kind: whole, files: [], notes: [], ...(wanted === undefined ? {} : { layer: wanted }) };
    if (zip.members.some(({ name }) => /^(word|ppt)\//.test(name))) throw unsupported('document', basename(path));
    const found = archivedFiles(zip.members);
    if (found.length === 0) throw nothingIn(path, zip.members);
    const named = wanted === undefined ? undefined : findNamed(found, wanted);
    const chosen = named ? [named] : found;
    if (chosen.length > MOST_FILES)
      chooseLayer(
        found.map(({ name }) => ({ name, count: null })),
        wanted,
        basename(path),
      );
    const files: UnpackedFile[] = [];
    for (const file of chosen) files.push(await unpack(file, gdal));
    const notes =
      found.length < zip.members.length || named
        ? [
            `archive; read: ${chosen
              .map(({ name }) => name)
              .join(', ')
              .slice(0, 500)}`,
          ]
        : [];
    return { kind: 'files', files, notes, ...(wanted === undefined || named ? {} : { layer: wanted }) };
  } finally {
    zip.close();
  }
}

function isTransitFeed(members: readonly ZipMember[]): boolean {
  const names = new Set(members.map(({ name }) => name.toLowerCase()));
  // GDAL asks for these; a feed that lacks one is a bundle of tables, which can be chosen from.
  return ['agency.txt', 'stops.txt', 'routes.txt', 'trips.txt', 'stop_times.txt', 'calendar.txt'].every((name) =>
    names.has(name),
  );
}

function findNamed(found: readonly ArchivedFile[], wanted: string): ArchivedFile | undefined {
  const lower = wanted.toLowerCase();
  return found.find(({ name }) =>
    [name, stemOf(name), basename(name), basename(name, extname(name))].some(
      (spelling) => spelling.toLowerCase() === lower,
    ),
  );
}

async function unpack(file: ArchivedFile, gdal: Gdal): Promise<UnpackedFile> {
  const folder = await gdal.newFolder();
  if (file.kind === 'filegdb') {
    const target = join(folder, 'data.gdb');
    await mkdir(target);
    for (const member of file.members) await member.extract(join(target, basename(member.name)));
    return { path: target, name: file.name, kind: file.kind };
  }
  let main = '';
  for (const member of file.members) {
    const extension = extname(member.name).toLowerCase();
    const target = join(folder, `data${extension}`);
    await member.extract(target);
    if (main === '' || ['.shp', '.tab', '.mif'].includes(extension)) main = target;
  }
  return { path: main, name: file.name, kind: file.kind };
}

function nothingIn(path: string, members: readonly ZipMember[]): LoadError {
  const names = members
    .slice(0, 10)
    .map(({ name }) => name)
    .join(', ');
  return new LoadError('UNREADABLE', {
    zh: `${basename(path)} 内没有可装载的数据文件（有：${names || '空'}）。Shapefile 须含 .shp；请重新打包。`,
    en: `${basename(path)} holds no file of data (it holds: ${names || 'nothing'}). A Shapefile needs its .shp; pack it again.`,
  });
}
