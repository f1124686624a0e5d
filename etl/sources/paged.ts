import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadError } from '../errors.ts';
import { esriGeometry, type EsriGeometry } from '../formats/esri-json.ts';
import { FeatureFile } from './feature-file.ts';
import { download, failed, type HttpLimits, shownUrl } from './http.ts';

/** Features asked for at a time; a service may give fewer. */
const PAGE = 1000;
/** Pages after which a service counts as going in circles. */
const MOST_PAGES = 20_000;

export interface PagedResult {
  path: string;
  features: number;
  /** What the service says of its last edit, if it does. */
  edited?: string;
}

interface Collection {
  features?: unknown;
  links?: { rel?: string; href?: string; type?: string }[];
  numberMatched?: number | string;
  totalFeatures?: number | string;
  crs?: unknown;
}

/** Reads pages of one service. */
class Pages {
  private pages = 0;
  private readonly dir: string;
  private readonly limits: HttpLimits;
  private readonly started = Date.now();

  constructor(dir: string, limits: HttpLimits) {
    this.dir = dir;
    this.limits = limits;
  }

  /** One answer as JSON. Throws DOWNLOAD_FAILED when it is none, with what it is instead. */
  async json<T>(url: string): Promise<T> {
    this.pages += 1;
    if (this.pages > MOST_PAGES)
      throw failed(shownUrl(url), { zh: `超过 ${MOST_PAGES} 页`, en: `more than ${MOST_PAGES} pages` });
    if (this.limits.totalMs !== undefined && Date.now() - this.started > this.limits.totalMs)
      throw failed(shownUrl(url), { zh: '总时限已到', en: 'the time for all pages is up' });
    const target = join(this.dir, 'page.json');
    await download(url, target, { maxBytes: 512 << 20, ...this.limits });
    const text = await readFile(target, 'utf8');
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      const said = text
        .replaceAll(/<[^>]*>|\s+/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
        .slice(0, 200);
      throw new NotJson(shownUrl(url), said, { cause });
    }
  }
}

/** A service that answered with something else than JSON. */
export class NotJson extends LoadError {
  constructor(shown: string, said: string, options?: ErrorOptions) {
    super(
      'DOWNLOAD_FAILED',
      {
        zh: `${shown} 的答复不是 JSON：${said}。请核对地址与参数。`,
        en: `the answer of ${shown} is not JSON: ${said}. Check the address and its parameters.`,
      },
      options,
    );
  }
}

function featuresOf(page: Collection, url: string): unknown[] {
  if (Array.isArray(page.features)) return page.features;
  const said = JSON.stringify(page).slice(0, 200);
  throw failed(shownUrl(url), { zh: `答复里没有 features：${said}`, en: `the answer has no features: ${said}` });
}

function assertAll(shown: string, promised: number | null, got: number): void {
  if (promised === null || !Number.isFinite(promised) || promised === got) return;
  throw failed(shown, {
    zh: `服务声明有 ${promised} 个要素，分页只给出 ${got} 个。请稍后再试`,
    en: `the service promises ${promised} features, its pages held ${got}. Try again later`,
  });
}

/** All features of an OGC API Features collection, by its links to the next page. */
export async function fetchOgcFeatures(url: string, dir: string, limits: HttpLimits): Promise<PagedResult> {
  const pages = new Pages(dir, limits);
  const first = new URL(url);
  if (!/\/items\/?$/.test(first.pathname)) first.pathname = `${first.pathname.replace(/\/$/, '')}/items`;
  if (!first.searchParams.has('limit')) first.searchParams.set('limit', String(PAGE));
  if (!first.searchParams.has('f')) first.searchParams.set('f', 'json');
  const path = join(dir, 'features.geojson');
  const seen = new Set<string>();
  let out: FeatureFile | null = null;
  let promised: number | null = null;
  for (let next: string | undefined = first.href; next !== undefined;) {
    if (seen.has(next))
      throw failed(shownUrl(next), { zh: '分页链接指回自身', en: 'the link to the next page leads back' });
    seen.add(next);
    const page: Collection = await pages.json<Collection>(next);
    const features = featuresOf(page, next);
    promised ??= page.numberMatched === undefined ? null : Number(page.numberMatched);
    out ??= new FeatureFile(path, page.crs);
    await out.add(features);
    const link = page.links?.find(({ rel, type }) => rel === 'next' && (type === undefined || /json/.test(type)));
    // A page without features is the end, whatever it links to.
    next = link?.href === undefined || features.length === 0 ? undefined : new URL(link.href, next).href;
  }
  await out?.end();
  assertAll(shownUrl(first.href), promised, out?.count ?? 0);
  return { path, features: out?.count ?? 0 };
}

/** All features of a WFS 2.0 feature type as GeoJSON, by start index; as GML in one answer where it has no GeoJSON. */
export async function fetchWfs(url: string, dir: string, limits: HttpLimits): Promise<PagedResult> {
  const pages = new Pages(dir, limits);
  const base = wfsUrl(url);
  const path = join(dir, 'features.geojson');
  const asked = Number(base.searchParams.get('count') ?? PAGE);
  let out: FeatureFile | null = null;
  let promised: number | null = null;
  let lastFirst = '';
  for (let start = 0; ;) {
    const next = new URL(base);
    next.searchParams.set('outputFormat', 'application/json');
    next.searchParams.set('count', String(asked));
    next.searchParams.set('startIndex', String(start));
    let page: Collection;
    try {
      page = await pages.json<Collection>(next.href);
    } catch (error) {
      if (!(error instanceof NotJson) || start > 0) throw error;
      return fetchGml(base, dir, limits);
    }
    const features = featuresOf(page, next.href);
    promised ??= countOf(page.numberMatched) ?? countOf(page.totalFeatures);
    out ??= new FeatureFile(path, page.crs);
    // A server that knows no startIndex gives the first page again and again.
    const first = JSON.stringify(features[0] ?? null);
    if (start > 0 && features.length > 0 && first === lastFirst)
      throw failed(shownUrl(next.href), {
        zh: '服务不支持 startIndex，各页内容相同',
        en: 'the service knows no startIndex: its pages are the same',
      });
    lastFirst = first;
    await out.add(features);
    start += features.length;
    if (features.length === 0 || (promised !== null ? start >= promised : features.length < asked)) break;
  }
  await out.end();
  assertAll(shownUrl(base.href), promised, out.count);
  return { path, features: out.count };
}

function countOf(value: number | string | undefined): number | null {
  const count = Number(value ?? Number.NaN);
  return Number.isFinite(count) ? count : null;
}

function wfsUrl(url: string): URL {
  const base = new URL(url);
  const stated = new Map([...base.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  const type = stated.get('typenames') ?? stated.get('typename');
  if (type === undefined) {
    throw new LoadError('BAD_USAGE', {
      zh: 'WFS 地址须写明 typeNames，例如 …/wfs?service=WFS&typeNames=ns:layer。',
      en: 'a WFS address must name typeNames, e.g. …/wfs?service=WFS&typeNames=ns:layer.',
    });
  }
  for (const name of Array.from(base.searchParams.keys()))
    if (/^(service|version|request|typenames?|outputformat|startindex|count|maxfeatures)$/i.test(name))
      base.searchParams.delete(name);
  base.searchParams.set('service', 'WFS');
  base.searchParams.set('version', '2.0.0');
  base.searchParams.set('request', 'GetFeature');
  base.searchParams.set('typeNames', type);
  const count = stated.get('count');
  if (count !== undefined) base.searchParams.set('count', count);
  return base;
}

async function fetchGml(base: URL, dir: string, limits: HttpLimits): Promise<PagedResult> {
  const path = join(dir, 'features.gml');
  const url = new URL(base);
  url.searchParams.delete('count');
  await download(url.href, path, limits);
  const head = (await readFile(path)).subarray(0, 8192).toString('latin1');
  const matched = countOf(/numberMatched="(\d+)"/.exec(head)?.[1]);
  const returned = countOf(/numberReturned="(\d+)"/.exec(head)?.[1]);
  if (returned !== null) assertAll(shownUrl(url.href), matched, returned);
  return { path, features: returned ?? -1 };
}

interface ArcGisLayer {
  error?: ArcGisError;
  type?: string;
  maxRecordCount?: number;
  objectIdField?: string;
  fields?: { name: string; type: string }[];
  advancedQueryCapabilities?: { supportsPagination?: boolean };
  editingInfo?: { lastEditDate?: number };
}
interface ArcGisError {
  code?: number;
  message?: string;
  details?: string[];
}
interface ArcGisPage {
  error?: ArcGisError;
  count?: number;
  features?: { attributes?: Record<string, unknown>; geometry?: EsriGeometry }[];
  exceededTransferLimit?: boolean;
}

/**
 * All features of a layer of an ArcGIS REST service (FeatureServer or MapServer), in WGS 84 degrees: by offset where the
 * service pages, else by ascending object id.
 * @param edited the last edit that is known: the service may not have changed since
 */
export async function fetchArcGis(
  url: string,
  dir: string,
  limits: HttpLimits,
  edited?: string,
): Promise<PagedResult | null> {
  const pages = new Pages(dir, limits);
  const layerUrl = new URL(url);
  layerUrl.pathname = layerUrl.pathname.replace(/\/query\/?$/, '').replace(/\/$/, '');
  const own = new URLSearchParams(layerUrl.search);
  layerUrl.search = '';
  const token = own.get('token');
  const ask = async <T extends { error?: ArcGisError }>(
    path: string,
    parameters: Record<string, string>,
  ): Promise<T> => {
    const request = new URL(layerUrl);
    request.pathname += path;
    for (const [name, value] of Object.entries({ f: 'json', ...parameters, ...(token === null ? {} : { token }) }))
      request.searchParams.set(name, value);
    const answer = await pages.json<T>(request.href);
    if (answer.error === undefined) return answer;
    const said = [answer.error.message, ...(answer.error.details ?? [])].filter(Boolean).join('; ');
    throw failed(shownUrl(request.href), {
      zh: `服务报错 ${answer.error.code ?? ''}：${said}。请核对图层地址与权限`,
      en: `the service reports error ${answer.error.code ?? ''}: ${said}. Check the address of the layer and the permissions`,
    });
  };
  const layer = await ask<ArcGisLayer>('', {});
  const lastEdit = layer.editingInfo?.lastEditDate;
  if (edited !== undefined && lastEdit !== undefined && String(lastEdit) === edited) return null;
  const id = layer.objectIdField ?? layer.fields?.find(({ type }) => type === 'esriFieldTypeOID')?.name;
  const size = Math.max(1, Math.min(PAGE, layer.maxRecordCount ?? PAGE));
  const where = own.get('where') ?? '1=1';
  const { count } = await ask<ArcGisPage>('/query', { where, returnCountOnly: 'true' });
  const canPage = layer.advancedQueryCapabilities?.supportsPagination === true;
  if (!canPage && id === undefined) {
    throw failed(shownUrl(layerUrl.href), {
      zh: '该图层既不支持分页，也没有对象编号，不能完整取出',
      en: 'the layer neither pages nor has object ids, so that it cannot be fetched whole',
    });
  }
  const path = join(dir, 'features.geojson');
  const out = new FeatureFile(path);
  for (let last = -1; ;) {
    const page = await ask<ArcGisPage>('/query', {
      where: canPage ? where : `(${where}) AND ${id} > ${last}`,
      outFields: own.get('outFields') ?? '*',
      outSR: '4326',
      returnGeometry: 'true',
      ...(id === undefined ? {} : { orderByFields: id }),
      ...(canPage ? { resultOffset: String(out.count), resultRecordCount: String(size) } : {}),
    });
    const features = page.features ?? [];
    await out.add(
      features.map(({ attributes, geometry }) => ({
        type: 'Feature',
        properties: attributes ?? {},
        geometry: esriGeometry(geometry),
      })),
    );
    const lastId = Number(features.at(-1)?.attributes?.[id ?? ''] ?? Number.NaN);
    if (features.length === 0 || (count !== undefined && out.count >= count)) break;
    if (!canPage) {
      if (!(lastId > last)) break;
      last = lastId;
    } else if (count === undefined && page.exceededTransferLimit !== true && features.length < size) break;
  }
  await out.end();
  assertAll(shownUrl(layerUrl.href), count ?? null, out.count);
  return { path, features: out.count, ...(lastEdit === undefined ? {} : { edited: String(lastEdit) }) };
}
