import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import type { LayerLoadOptions } from '../load-layer.ts';
import { addressSourcesOf } from '../link/address/load-addresses.ts';
import type { LoadSession } from '../session.ts';
import { isPlaced } from './is-placed.ts';

/**
 * Everything the rows of a load depend on. Two loads with the same inputs make the same table, so that the second need
 * not be made. What is missing here would let an old table stand for a new one: when in doubt, add it.
 */
export interface LoadInputs {
  /** SHA-256 of the file, and of those that belong to it, by extension. */
  files: Record<string, string>;
  /** Of the layer's definition: fields, checks, source, titles. */
  definition: string;
  /** Of the code that reads, checks, places and links: another version of it may decide otherwise. */
  rules: string;
  /** What was stated for this load. */
  options: { scale: number; isUser: boolean; keyByLine: boolean; stated: object; csv: object; crs: string | null };
  /** Live load of the governance grid the rows are placed in; null without one. */
  grid: number | null;
  /** Live loads of the layers that rows are placed by or refer to; null for one that is not loaded. */
  links: Record<string, number | null>;
}

/** Folders of `etl/` that have a say in what becomes of a row. */
const RULES = ['checks', 'crs', 'encode', 'formats', 'infer', 'link', 'raster', 'steps'];
const RULE_FILES = [
  'etl/load-layer.ts',
  'etl/session.ts',
  'layers/ddl.ts',
  'server/db/mesh.ts',
  'server/db/copy-binary.ts',
];
const ROOT = join(import.meta.dirname, '..', '..');
/** Companions of a Shapefile or a MapInfo table that lies unzipped, by the extension of the file that is named. */
const COMPANIONS: Record<string, readonly string[]> = {
  '.shp': ['.shx', '.dbf', '.prj', '.cpg'],
  '.tab': ['.dat', '.map', '.id', '.ind'],
  '.mif': ['.mid'],
  '.tif': ['.tfw', '.prj'],
};

/** The inputs of a load that is about to be made. */
export async function readInputs(
  session: LoadSession,
  layer: Layer,
  options: LayerLoadOptions,
  file: { path: string; sha256: string },
): Promise<LoadInputs> {
  const isUser = options.isUser === true;
  // Asked for before the grid and the links are read: a version that is replaced meanwhile makes the inputs differ from
  // those of the next load, which is then made.
  const grid = isPlaced(layer, options) ? await session.versionOf('governance_grid') : null;
  const links: Record<string, number | null> = {};
  const linked = [
    layer.place?.layer,
    ...(layer.checks.references ?? []).map((reference) => reference.layer),
    ...(isUser ? [] : addressSourcesOf(layer)),
  ];
  for (const id of linked) if (id !== undefined) links[id] = await session.versionOf(id);
  return {
    files: { [extname(file.path).toLowerCase()]: file.sha256, ...(await companionHashes(file.path)) },
    definition: sha256(JSON.stringify(layer)),
    rules: await rulesHash(),
    options: {
      scale: options.scale ?? 1,
      isUser,
      keyByLine: options.keyByLine === true,
      stated: options.stated ?? {},
      csv: options.csv ?? {},
      crs: options.crs?.name ?? null,
    },
    grid,
    links,
  };
}

/** The live load of the layer, if it was made of just these inputs. */
export async function findSameLoad(db: Database, layer: Layer, inputs: LoadInputs): Promise<number | null> {
  const [row] = await db.sql<{ load: number }[]>`
    select s.load_id as load from app.layer_state s join app.load l using (load_id)
    where s.layer_id = ${layer.id} and l.inputs = ${JSON.stringify(inputs)}::text::jsonb
      and to_regclass('layers.' || quote_ident(s.layer_id)) is not null`;
  return row?.load ?? null;
}

/**
 * Notes a delivery that would have made the live version once more: its rows are accounted for as those of that version,
 * and the layer counts as confirmed now.
 */
export async function noteUnchanged(db: Database, load: number, sameAs: number): Promise<void> {
  await db.sql.begin(async (tx) => {
    await tx`update app.load l set status = 'unchanged', finished_at = now(), same_as = v.load_id, rows_in = v.rows_in,
        rows_accepted = v.rows_accepted, rows_repaired = v.rows_repaired, rows_quarantined = v.rows_quarantined,
        rows_unlocated = v.rows_unlocated, bbox = v.bbox
      from app.load v where v.load_id = ${sameAs} and l.load_id = ${load}`;
    await tx`update app.layer_state set confirmed_at = now() where load_id = ${sameAs}`;
  });
}

async function companionHashes(path: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const companions = COMPANIONS[extname(path).toLowerCase()];
  if (companions === undefined) return hashes;
  const stem = basename(path, extname(path)).toLowerCase();
  for (const name of (await readdir(dirname(path))).toSorted()) {
    const extension = extname(name).toLowerCase();
    if (!companions.includes(extension) || basename(name, extname(name)).toLowerCase() !== stem) continue;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(dirname(path), name))) hash.update(chunk as Buffer);
    hashes[extension] = hash.digest('hex');
  }
  return hashes;
}

let rules: Promise<string> | null = null;

/** Hash of the loader's own sources, read once per process: no version number that somebody could forget to raise. */
function rulesHash(): Promise<string> {
  rules ??= hashRules();
  return rules;
}

async function hashRules(): Promise<string> {
  const files = [...RULE_FILES];
  for (const folder of RULES) {
    const names = await readdir(join(ROOT, 'etl', folder), { recursive: true });
    files.push(...names.filter((name) => /\.m?[jt]s$/.test(name)).map((name) => join('etl', folder, name)));
  }
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(file).update(await readFile(join(ROOT, file)));
  return hash.digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
