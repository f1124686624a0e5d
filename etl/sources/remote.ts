import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Database } from '../../server/db/connect.ts';
import { LoadError } from '../errors.ts';
import { download, type HttpLimits, type Validators } from './http.ts';
import { fetchArcGis, fetchOgcFeatures, fetchWfs, type PagedResult } from './paged.ts';

/** What is remembered of a source between loads, to tell whether it has changed. */
export interface SourceState extends Validators {
  url: string;
  sha256: string;
  /** The last edit as an ArcGIS service states it. */
  edited?: string;
}

export type RemoteFile = { isUnchanged: true } | { isUnchanged: false; path: string; state: SourceState };

export type RemoteKind = 'arcgis' | 'wfs' | 'ogc-features' | 'file';

/** True for an address, false for a path. */
export function isRemote(file: string): boolean {
  return /^https?:\/\//i.test(file);
}

/** What kind of service an address leads to. */
export function remoteKind(url: string): RemoteKind {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new LoadError('BAD_USAGE', { zh: `${url} 不是网址。`, en: `${url} is no address.` }, { cause });
  }
  const { pathname, searchParams } = parsed;
  if (/\/(FeatureServer|MapServer)\/\d+(\/query)?\/?$/i.test(pathname)) return 'arcgis';
  if (/\/(FeatureServer|MapServer)\/?$/i.test(pathname)) {
    throw new LoadError('BAD_USAGE', {
      zh: `${url} 是整个服务。请写明图层，例如 ${pathname.replace(/\/$/, '')}/0。`,
      en: `${url} is a whole service. Name one of its layers, e.g. ${pathname.replace(/\/$/, '')}/0.`,
    });
  }
  const names = [...searchParams].map(([name, value]) => `${name.toLowerCase()}=${value.toLowerCase()}`);
  if (
    names.includes('service=wfs') ||
    (/\/(wfs|ows)\/?$/i.test(pathname) && names.some((name) => name.startsWith('typename')))
  )
    return 'wfs';
  return /\/collections\/[^/]+(\/items)?\/?$/.test(pathname) ? 'ogc-features' : 'file';
}

/**
 * Fetches what an address leads to into a folder.
 * @param known what is remembered of the last load; absent when it must be loaded whatever it is
 */
export async function fetchRemote(
  url: string,
  dir: string,
  limits: HttpLimits = {},
  known?: SourceState,
): Promise<RemoteFile> {
  const before = known?.url === url ? known : undefined;
  const kind = remoteKind(url);
  if (kind === 'file') return fetchOne(url, dir, limits, before);
  const paged: PagedResult | null =
    kind === 'arcgis'
      ? await fetchArcGis(url, dir, limits, before?.edited)
      : await (kind === 'wfs' ? fetchWfs : fetchOgcFeatures)(url, dir, limits);
  if (paged === null) return { isUnchanged: true };
  const sha256 = await hashOf(paged.path);
  if (sha256 === before?.sha256) return { isUnchanged: true };
  return {
    isUnchanged: false,
    path: paged.path,
    state: { url, sha256, ...(paged.edited === undefined ? {} : { edited: paged.edited }) },
  };
}

async function fetchOne(
  url: string,
  dir: string,
  limits: HttpLimits,
  before: SourceState | undefined,
): Promise<RemoteFile> {
  const target = join(dir, 'download');
  const got = await download(url, target, limits, before);
  if (got.isUnchanged) return got;
  const sha256 = await hashOf(target);
  if (sha256 === before?.sha256) return { isUnchanged: true };
  const path = `${target}${extensionOf(got.finalUrl, got.contentType)}`;
  await rename(target, path);
  return { isUnchanged: false, path, state: { url, sha256, ...got.validators } };
}

/** Extension of the file, for formats that are told by it; the content decides before it does. */
function extensionOf(url: string, contentType: string): string {
  const named = extname(new URL(url).pathname).toLowerCase();
  if (/^\.[a-z0-9]{1,12}$/.test(named)) return named;
  if (/geo\+json|json/.test(contentType)) return '.json';
  if (/xml/.test(contentType)) return '.xml';
  return /csv|text\/plain/.test(contentType) ? '.csv' : '';
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** What is remembered of the source of a layer, if the rows it led to are still live. */
export async function readSourceState(db: Database, layer: string): Promise<SourceState | undefined> {
  const [row] = await db.sql<{ value: SourceState }[]>`select m.value from app.meta m
    where m.key = ${`source:${layer}`} and exists (select from app.layer_state s where s.layer_id = ${layer})`;
  return row?.value;
}

/** Remembers the state of a source, after what it led to was published. */
export async function writeSourceState(db: Database, layer: string, state: SourceState): Promise<void> {
  await db.sql`insert into app.meta (key, value) values (${`source:${layer}`}, ${JSON.stringify(state)}::text::jsonb)
    on conflict (key) do update set value = excluded.value`;
}
