import { basename } from 'node:path';
import { createRoute, z } from '@hono/zod-openapi';
import type { Role } from '../../layers/access.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import type { Layer, Text } from '../../layers/define.ts';
import { LoadDetail, LoadList, type LoadSummary } from '../contract/loads.ts';
import { ApiError } from '../errors.ts';
import { errorCode, titleOf } from '../quality/quality-of.ts';
import { findLoad, listCodeTitles, listLoads, type LoadRow, type StoredLink } from '../queries/loads.ts';
import { countRejects, countRepairs } from '../queries/rejects.ts';
import type { Services } from '../services.ts';
import { failure, json } from './parameters.ts';
import { endpoint } from './router.ts';

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 200;

/** The number of a load, wherever it stands in a request. */
export const loadNumber = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be the number of a load')
  .transform(Number);

export const LoadId = z.object({
  id: loadNumber.openapi({ type: 'integer', param: { name: 'id', in: 'path' }, example: '17' }),
});

export const PageLimit = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform((text) => Math.min(Math.max(Number(text), 1), LARGEST_LIMIT))
  .default(DEFAULT_LIMIT)
  .openapi({ type: 'integer', description: `Default ${DEFAULT_LIMIT}, at most ${LARGEST_LIMIT}` });

export const PageCursor = z
  .string()
  .regex(/^\d{1,15}$/, 'is not a cursor that was handed out')
  .transform(Number)
  .optional()
  .openapi({ type: 'string', description: '`next` of the page before' });

/** A load of a layer the caller may see. Throws `LOAD_NOT_FOUND` for every other. */
export async function getLoad(services: Services, id: number, role: Role) {
  const load = await findLoad(services.db.sql, id);
  const entries = load === null ? [] : await services.catalogue.list(role);
  // Readings over time are loads of their own, and of the layer as far as anybody may see them.
  const entry = entries.find(({ layer }) => layer.id === load?.layer.replace(/\.series$/, ''));
  if (load === null || entry === undefined) {
    throw new ApiError('LOAD_NOT_FOUND', `There is no load ${id}.`, { field: 'id', value: id });
  }
  return { load, entry, entries };
}

function summaryOf(
  load: LoadRow,
  { state }: Pick<CatalogueEntry, 'state'>,
  role: Role,
  titles: ReadonlyMap<string, Text>,
): LoadSummary {
  const code = load.error === null ? null : errorCode(load.error);
  return {
    id: load.id,
    layer: load.layer,
    status: load.status,
    live: state?.loadId === load.id,
    startedAt: load.startedAt.toISOString(),
    finishedAt: load.finishedAt?.toISOString() ?? null,
    file: basename(load.file),
    format: load.format,
    encoding: load.encoding,
    crs: load.crs === null ? null : { name: load.crs, confidence: load.crsConfidence ?? 0 },
    rows: {
      in: load.rowsIn,
      accepted: load.accepted,
      repaired: load.repaired,
      quarantined: load.quarantined,
      unlocated: load.unlocated,
    },
    error:
      code === null ? null : { code, title: titleOf(titles, code), text: role === 'staff' ? load.errorText : null },
  };
}

/** Title of the addresses of all layers, which are no layer. */
const ADDRESSES: Text = { zh: '地址', en: 'Addresses' };

/** The links of a load that lead to layers the caller may see. */
function linksOf(
  links: readonly StoredLink[],
  { fields }: Layer,
  entries: readonly CatalogueEntry[],
): LoadDetail['links'] {
  return links.flatMap(({ kind, by, to, matched, empty, dead, refused = 0, reasons }) => {
    const title = to === 'address' ? ADDRESSES : entries.find(({ layer }) => layer.id === to)?.layer.title;
    if (title === undefined) return [];
    const all = matched + empty + dead + refused;
    return [
      {
        // Loads of before said no kind: a field of the layer placed the row.
        kind: kind ?? (to === 'governance_grid' && fields[by] === undefined ? ('grid' as const) : ('place' as const)),
        by,
        to,
        title,
        matched,
        empty,
        dead,
        refused,
        rate: all === 0 ? null : matched / all,
        ...(reasons === undefined ? {} : { reasons }),
      },
    ];
  });
}

/** The reasons for a CRS were sentences of one language once. */
function bilingual(reason: Text | string): Text {
  return typeof reason === 'string' ? { zh: reason, en: reason } : reason;
}

export const readLoads = endpoint(
  createRoute({
    method: 'get',
    path: '/api/loads',
    tags: ['loads'],
    summary: 'Loads of the layers the caller may see, newest first, page by page',
    request: {
      query: z.object({
        layer: z.string().max(64).optional().openapi({ description: 'Only of this layer' }),
        department: z.string().max(64).optional().openapi({ description: 'Only of layers of this department' }),
        status: z.enum(['running', 'published', 'unchanged', 'failed']).optional(),
        limit: PageLimit,
        cursor: PageCursor,
      }),
    },
    responses: {
      200: json(LoadList, 'The loads'),
      400: failure('PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, db } = c.var.services;
    const { layer, department, status, limit, cursor } = c.req.valid('query');
    const entries = layer === undefined ? await catalogue.list(role) : [await catalogue.get(layer, role)];
    const wanted = entries.filter((entry) => department === undefined || entry.layer.department === department);
    const [rows, titles] = await Promise.all([
      listLoads(db.sql, {
        layers: wanted.map((entry) => entry.layer.id),
        status: status ?? null,
        before: cursor ?? null,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
      }),
      listCodeTitles(db.sql),
    ]);
    const stateOf = new Map(wanted.map((entry) => [entry.layer.id, entry]));
    const loads = rows
      .slice(0, limit)
      .map((row) => summaryOf(row, stateOf.get(row.layer) ?? { state: null }, role, titles));
    const next = rows.length > limit ? String(loads.at(-1)?.id) : null;
    return c.json({ loads, next }, 200);
  },
);

export const readLoad = endpoint(
  createRoute({
    method: 'get',
    path: '/api/loads/{id}',
    tags: ['loads'],
    summary: 'One load: steps, verdicts with their reasons, what was set aside and repaired',
    request: { params: LoadId },
    responses: {
      200: json(LoadDetail, 'The load'),
      400: failure('PARAMETER_INVALID'),
      404: failure('LOAD_NOT_FOUND: it does not exist, or the caller may not see its layer'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { sql } = c.var.services.db;
    const { load, entry, entries } = await getLoad(c.var.services, c.req.valid('param').id, role);
    const [rejects, repairs, titles] = await Promise.all([
      countRejects(sql, load.id),
      countRepairs(sql, load.id),
      listCodeTitles(sql),
    ]);
    const { report } = load;
    const body = {
      ...summaryOf(load, entry, role, titles),
      sha256: load.sha256,
      bytes: report?.file?.bytes ?? null,
      encodingVerdict: report?.encoding
        ? { confidence: report.encoding.confidence ?? 0, reasons: report.encoding.reasons ?? [] }
        : null,
      crsVerdict: report?.crs
        ? { reasons: (report.crs.reasons ?? []).map(bilingual), candidates: report.crs.candidates ?? [] }
        : null,
      steps: (report?.steps ?? []).map(({ step, seconds }) => ({ step, seconds })),
      seconds: report?.seconds ?? null,
      rowsPerSecond: report?.rowsPerSecond ?? null,
      // Notes may quote the file or name folders of the server.
      notes: role === 'staff' ? (report?.notes ?? []) : [],
      rejects: rejects.map((count) => ({ ...count, title: titleOf(titles, count.code) })),
      repairs: repairs.map((count) => ({ ...count, title: titleOf(titles, count.code) })),
      links: linksOf(report?.links ?? [], entry.layer, entries),
    };
    return c.json(body, 200);
  },
);
