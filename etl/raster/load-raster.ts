import { existsSync } from 'node:fs';
import { link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Layer } from '../../layers/define.ts';
import type { RasterPicture } from '../../layers/raster.ts';
import type { Loader } from '../../server/db/copy.ts';
import { LoadError } from '../errors.ts';
import type { Gdal } from '../formats/gdal.ts';
import type { LayerLoadOptions } from '../load-layer.ts';
import { LoadRun } from '../load-run.ts';
import type { LoadReport } from '../report.ts';
import type { LoadSession } from '../session.ts';
import { fetchFile } from '../steps/fetch.ts';
import { noteUnchanged, readInputs } from '../steps/inputs.ts';
import { convertPicture } from './convert-picture.ts';
import { findPictures, type FoundPicture } from './find-pictures.ts';
import { inspectPicture } from './inspect-picture.ts';
import { pictureCrs } from './picture-crs.ts';
import { statedTime } from './picture-time.ts';
import { publishRaster } from './publish-raster.ts';

export interface RasterLoadOptions extends LayerLoadOptions {
  /** Makes the definition of a layer that nobody defined, once its pictures are known. */
  define?: (pictures: readonly RasterPicture[]) => Layer;
}

/**
 * Loads a raster delivery: its pictures become files in `<rasters>/<layer>/<load>/`, published in one transaction with
 * the state of the layer. Like `loadLayer` it never throws for what is wrong with the delivery: the report says `failed`,
 * and what was live is live.
 */
export async function loadRaster(
  session: LoadSession,
  layer: Layer,
  path: string,
  options: RasterLoadOptions = {},
): Promise<LoadReport> {
  return new RasterLoad(session, layer, path, options).run();
}

class RasterLoad extends LoadRun<RasterLoadOptions> {
  private started: Promise<Gdal> | null = null;

  protected override async load(loader: Loader, load: number): Promise<'published' | 'unchanged'> {
    const { layer, options, report, session } = this;
    const { db } = session;
    this.enter('fetch');
    report.file = await fetchFile(this.path);
    const inputs = await readInputs(session, layer, options, report.file);
    await db.sql`update app.load set inputs = ${JSON.stringify(inputs)}::text::jsonb where load_id = ${load}`;
    const live = await this.livePictures();
    const isSame = live !== null && JSON.stringify(live.inputs) === JSON.stringify(await this.stored(load));
    if (isSame && options.force !== true) return this.unchanged(load, live.load, live.pictures);

    this.enter('detect');
    const found = await findPictures(this.path, () => this.gdal());
    if (found === null) throw notRaster(this.path);
    report.format = found[0]?.format ?? null;
    report.rows.in = found.length;

    this.enter('load');
    await this.sweep(loader);
    const folder = join(session.rasterDir, layer.id, String(load));
    await mkdir(`${folder}.part`, { recursive: true });
    try {
      const made: RasterPicture[] = [];
      for (const [i, one] of found.entries()) {
        made.push(await this.convert(one, `${layer.id}/${load}/${i + 1}.tif`, `${folder}.part/${i + 1}.tif`, live));
        this.progress((i + 1) / found.length, i + 1);
      }
      const pictures = made.toSorted((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
      assertSeries(pictures);
      this.assertCount(pictures.length);
      this.describe(pictures);
      this.enter('publish');
      await rename(`${folder}.part`, folder);
      const defined = options.define?.(pictures) ?? layer;
      await publishRaster(loader, defined, { load, pictures, bbox: report.bbox });
    } catch (error) {
      await rm(`${folder}.part`, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    await this.prune();
    return 'published';
  }

  /** One GDAL for one load: what was unpacked lies in its folder. */
  private gdal(): Promise<Gdal> {
    return (this.started ??= this.session.gdal());
  }

  /** One picture of the delivery as it is published; one that is live already is not made again. */
  private async convert(found: FoundPicture, file: string, target: string, live: Live | null): Promise<RasterPicture> {
    const { layer, options, report, session } = this;
    const { sha256 } = await fetchFile(found.path);
    const known = live?.hasSameRules === true ? live.pictures.find((picture) => picture.sha256 === sha256) : undefined;
    if (known && options.force !== true) {
      try {
        await link(join(session.rasterDir, known.file), target);
        report.crs ??= live?.crs ?? null;
        return { ...known, file, source: found.name, time: found.time ?? known.time };
      } catch {
        // The disk knows no links, or the file is gone: it is made again.
      }
    }
    const gdal = await this.gdal();
    const picture = await inspectPicture(gdal, found, options.stated?.layer);
    const crs =
      options.crs ?? (await pictureCrs(session.db, picture, options.isUser ? null : layer, options.stated?.crs));
    report.crs ??= { name: crs.name, confidence: crs.confidence, reasons: crs.reasons, candidates: crs.candidates };
    for (const note of picture.notes) if (!report.notes.includes(note)) report.notes.push(note);
    const facts = await convertPicture(gdal, picture, crs, target);
    if (!options.isUser) this.assertKind(found.name, facts.kind);
    const time = found.time ?? statedTime(picture.info.metadata?.['']?.['TIFFTAG_DATETIME']);
    return { file, source: found.name, sha256, time, ...facts };
  }

  /** A layer of values is drawn by a ramp, one of colours is not: a picture of the other kind would show nothing. */
  private assertKind(name: string, kind: RasterPicture['kind']): void {
    const wanted = this.layer.symbology.kind === 'ramp' ? 'values' : 'colours';
    if (kind === wanted) return;
    throw new LoadError('UNSUPPORTED', {
      zh: `${name} 是${kind === 'values' ? '单波段数值' : '彩色影像'}，图层 ${this.layer.id} 要的是${wanted === 'values' ? '单波段数值' : '彩色影像'}。请交付约定的数据${wanted === 'values' ? '，或用 --layer 1 选定波段' : ''}。`,
      en: `${name} holds ${kind}, layer ${this.layer.id} takes ${wanted}. Hand in what was agreed${wanted === 'values' ? ', or choose the band with --layer 1' : ''}.`,
    });
  }

  private assertCount(count: number): void {
    const [least, most] = this.layer.checks.rows;
    if (count >= least && count <= most) return;
    throw new LoadError('ROW_COUNT', {
      zh: `交付了 ${count} 个栅格，应为 ${least} 至 ${most} 个。`,
      en: `${count} rasters were handed in, expected ${least} to ${most}.`,
    });
  }

  private describe(pictures: readonly RasterPicture[]): void {
    const { report } = this;
    report.rows.accepted = pictures.length;
    report.raster = [...pictures];
    report.bbox = [
      Math.min(...pictures.map(({ bbox }) => bbox[0])),
      Math.min(...pictures.map(({ bbox }) => bbox[1])),
      Math.max(...pictures.map(({ bbox }) => bbox[2])),
      Math.max(...pictures.map(({ bbox }) => bbox[3])),
    ];
    for (const { source, time, width, height, bands, type, resolution, empty, range } of pictures.slice(0, 20)) {
      const values = range === null ? '' : `, values ${range[0]} to ${range[1]}`;
      report.notes.push(
        `${source}${time === null ? '' : ` (${time})`}: ${width} × ${height} pixels of ${resolution} m, ${bands} × ${type}${values}, ${Math.round(empty * 1000) / 10} % without a value`,
      );
    }
  }

  private async unchanged(load: number, same: number, pictures: RasterPicture[]): Promise<'unchanged'> {
    const { report, session } = this;
    await noteUnchanged(session.db, load, same);
    report.sameAs = same;
    report.rows.in = pictures.length;
    this.describe(pictures);
    report.notes = [`load ${same}, which is live, was made of the same file and definition`];
    return 'unchanged';
  }

  private async livePictures(): Promise<Live | null> {
    const { layer, session, report } = this;
    const [row] = await session.db.sql<
      { load: number; inputs: unknown; pictures: RasterPicture[]; crs: LoadReport['crs'] }[]
    >`
      select l.load_id as load, l.inputs, l.raster as pictures, l.report -> 'crs' as crs
      from app.layer_state s join app.load l using (load_id) where s.layer_id = ${layer.id} and l.raster is not null`;
    // Files that somebody removed by hand are made again.
    if (!row || !row.pictures.every(({ file }) => existsSync(join(session.rasterDir, file)))) return null;
    const own = (await this.stored(report.load as number)) as Partial<Inputs> | null;
    const its = row.inputs as Partial<Inputs> | null;
    const hasSameRules =
      own?.rules === its?.rules &&
      own?.definition === its?.definition &&
      JSON.stringify(own?.options) === JSON.stringify(its?.options);
    return { ...row, hasSameRules };
  }

  /** Inputs of a load, as the database writes them: the order of keys is its own. */
  private async stored(load: number): Promise<unknown> {
    const [row] = await this.session.db.sql<{ inputs: unknown }[]>`select inputs from app.load where load_id = ${load}`;
    return row?.inputs ?? null;
  }

  /** Removes what loads left that were killed: folders of no version that is kept. */
  private async sweep(loader: Loader): Promise<void> {
    const folder = join(this.session.rasterDir, this.layer.id);
    const names = await readdir(folder).catch(() => []);
    if (names.length === 0) return;
    const kept = await loader.query<{ load: number }>(
      'select load_id as load from app.load where layer_id = $1 and raster is not null',
      [this.layer.id],
    );
    const known = new Set(kept.map(({ load }) => String(load)));
    for (const name of names) {
      if (/^\d+(\.part)?$/.test(name) && !known.has(name))
        await rm(join(folder, name), { recursive: true, force: true });
    }
  }

  /** The files of a load that failed are gone by now (`load`), and its pictures count as nothing. */
  protected override async discard(): Promise<void> {
    this.report.rows.accepted = 0;
  }
}

interface Live {
  load: number;
  inputs: unknown;
  pictures: RasterPicture[];
  crs: LoadReport['crs'];
  /** Made by the same rules, so that its files can stand for those of the same pictures. */
  hasSameRules: boolean;
}

interface Inputs {
  rules: string;
  definition: string;
  options: object;
}

function order({ time }: RasterPicture): string {
  return time ?? '';
}

/** Pictures of a series are told apart by their times, and are of one kind. */
function assertSeries(pictures: readonly RasterPicture[]): void {
  if (pictures.length < 2) return;
  const untimed = pictures.find(({ time }) => time === null);
  if (untimed) {
    throw new LoadError('UNREADABLE', {
      zh: `交付含 ${pictures.length} 个栅格，但 ${untimed.source} 的文件名没有时间。请在文件名中写明，例如 image_2018.tif、radar_20260301T0810.tif。`,
      en: `there are ${pictures.length} rasters, but the name of ${untimed.source} says no time. Write it into the name, e.g. image_2018.tif, radar_20260301T0810.tif.`,
    });
  }
  for (const [i, picture] of pictures.entries()) {
    const before = pictures[i - 1];
    if (before?.time === picture.time) {
      throw new LoadError('UNREADABLE', {
        zh: `${before.source} 与 ${picture.source} 的时间相同（${picture.time}）。请删去其一。`,
        en: `${before.source} and ${picture.source} are of the same time (${picture.time}). Remove one of them.`,
      });
    }
  }
}

function notRaster(path: string): LoadError {
  return new LoadError('UNREADABLE', {
    zh: `${basename(path)} 里没有栅格。请交付 GeoTIFF 或 HGT：单个文件、文件夹或 zip。`,
    en: `${basename(path)} holds no raster. Hand in GeoTIFF or HGT: a file, a folder or a zip of them.`,
  });
}
