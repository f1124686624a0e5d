import { createRoute, z } from '@hono/zod-openapi';
import type { Role } from '../../layers/access.ts';
import type { Layer, Text } from '../../layers/define.ts';
import { maskedFault, sourceMask } from '../../layers/mask-source-row.ts';
import { tokenFingerprint } from '../auth/caller.ts';
import { RejectList, type RejectedRow, RejectPlaces } from '../contract/loads.ts';
import { ApiError } from '../errors.ts';
import { titleOf } from '../quality/quality-of.ts';
import { writeAudit } from '../queries/audit.ts';
import { listCodeTitles } from '../queries/loads.ts';
import { countRejectPlaces, countRejects, listRejectPlaces, listRejects, type RejectRow } from '../queries/rejects.ts';
import { getLoad, LoadId, loadNumber, PageCursor, PageLimit } from './loads.ts';
import { failure, json } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { endpoint } from './router.ts';

/** Points of a repair map, at most: more than anybody can mend by hand. */
const MOST_PLACES = 10_000;
/** The layer whose rectangle is the extent of the map. */
const DISTRICT = 'district_boundary';
/** Rows of a file, at most. Where more are wrong the file as a whole is, and is mended where it was made. */
const MOST_ROWS = 100_000;

const CodeParameter = z
  .string()
  .regex(/^[A-Z_]{1,40}$/, 'must be a code')
  .optional()
  .openapi({ description: 'Only rows set aside for this reason', example: 'BAD_TYPE' });

/** Raw rows of departments are for staff, whatever layer they are of: what is wrong in them may be anything. */
const STAFF_ONLY = 'Only staff may see rows that were set aside.';

/** Messages are stored in both languages: `中文 | English`. */
function messageOf(text: string): Text {
  const at = text.indexOf(' | ');
  return at < 0 ? { zh: text, en: text } : { zh: text.slice(0, at), en: text.slice(at + 3) };
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Columns in the order of the definition; others behind them. */
function inOrder(layer: Layer, raw: Record<string, unknown>): string[] {
  const { columns, coordinates } = layer.source;
  const known = Object.keys(layer.fields).map((name) => columns?.[name] ?? name);
  if (coordinates) known.push(coordinates.x, coordinates.y);
  const isThere = known.filter((column) => column in raw);
  return [...isThere, ...Object.keys(raw).filter((column) => !isThere.includes(column))];
}

function rejectedRow(layer: Layer, role: Role, row: RejectRow): RejectedRow {
  const field = row.field === null ? undefined : layer.fields[row.field];
  const mask = sourceMask(layer, role, row.code);
  const raw = row.raw ?? {};
  return {
    id: row.id,
    line: row.line,
    code: row.code,
    field: row.field === null ? null : { name: row.field, title: field?.title ?? { zh: row.field, en: row.field } },
    value: maskedFault(layer, role, row),
    message: messageOf(row.message),
    raw: inOrder(layer, raw).map((column) => ({ column, value: textOf(mask(column, raw[column])) })),
    place: row.lon === null || row.lat === null ? null : [row.lon, row.lat],
  };
}

export const readRejects = endpoint(
  createRoute({
    method: 'get',
    path: '/api/loads/{id}/rejects',
    tags: ['loads'],
    summary: 'Rows of a load that were set aside, masked, page by page. Staff only',
    request: { params: LoadId, query: z.object({ code: CodeParameter, limit: PageLimit, cursor: PageCursor }) },
    responses: {
      200: json(RejectList, 'The rows'),
      400: failure('PARAMETER_INVALID'),
      403: failure('FORBIDDEN'),
      404: failure('LOAD_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { load, entry } = await getLoad(c.var.services, c.req.valid('param').id, role);
    requireStaff(c, STAFF_ONLY);
    const { sql } = c.var.services.db;
    const { code, limit, cursor } = c.req.valid('query');
    const [rows, counts] = await Promise.all([
      listRejects(sql, load.id, code ?? null, cursor ?? 0, limit + 1),
      countRejects(sql, load.id),
    ]);
    const total = counts.reduce((sum, each) => sum + (code === undefined || each.code === code ? each.count : 0), 0);
    const rejects = rows.slice(0, limit).map((row) => rejectedRow(entry.layer, role, row));
    const next = rows.length > limit ? String(rejects.at(-1)?.id) : null;
    return c.json({ total, rejects, next }, 200);
  },
);

export const readRejectPlaces = endpoint(
  createRoute({
    method: 'get',
    path: '/api/rejects/places',
    tags: ['loads'],
    summary: 'The repair map: where the rows lie that were set aside. Staff only',
    description: `Of one load, or of the live loads of a department or of all. At most ${MOST_PLACES} places, those outside the district first; rows without one are counted.`,
    request: {
      query: z.object({
        load: loadNumber.optional().openapi({ type: 'integer', description: 'Only of this load' }),
        department: z.string().max(64).optional(),
        code: CodeParameter,
      }),
    },
    responses: {
      200: json(RejectPlaces, 'The places'),
      400: failure('PARAMETER_INVALID'),
      403: failure('FORBIDDEN'),
      404: failure('LOAD_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    requireStaff(c, STAFF_ONLY);
    const { catalogue, db } = c.var.services;
    const query = c.req.valid('query');
    const entries = await catalogue.list(role);
    const extent = entries.find(({ layer }) => layer.id === DISTRICT)?.state?.bbox ?? null;
    const layerOf = new Map<number, string>();
    if (query.load !== undefined) {
      const { load } = await getLoad(c.var.services, query.load, role);
      layerOf.set(load.id, load.layer);
    } else {
      for (const { layer, state } of entries) {
        const isWanted = query.department === undefined || layer.department === query.department;
        if (state !== null && isWanted) layerOf.set(state.loadId, layer.id);
      }
    }
    const loads = [...layerOf.keys()];
    const [places, counts, titles] = await Promise.all([
      listRejectPlaces(db.sql, loads, query.code ?? null, extent, MOST_PLACES),
      countRejectPlaces(db.sql, loads, query.code ?? null, extent),
      listCodeTitles(db.sql),
    ]);
    const body = {
      ...counts,
      cut: counts.placed > places.length,
      extent,
      ids: places.map(({ id }) => id),
      loads: places.map(({ load }) => load),
      layers: places.map(({ load }) => layerOf.get(load) ?? ''),
      codes: places.map(({ code }) => code),
      lons: places.map(({ lon }) => lon),
      lats: places.map(({ lat }) => lat),
      titles: Object.fromEntries(places.map(({ code }) => [code, titleOf(titles, code)])),
    };
    return c.json(body, 200);
  },
);

export const readRejectFile = endpoint(
  createRoute({
    method: 'get',
    path: '/api/loads/{id}/rejects/file',
    tags: ['loads'],
    summary:
      'The rows that were set aside, in the format of the department, to be mended and handed in again. Staff only',
    description:
      'Three columns lead: line, code and reason. Fields with a mask are masked; `npm run etl -- correct` puts back what was not changed. Every download is written to the audit.',
    request: {
      params: LoadId,
      query: z.object({
        purpose: z
          .string()
          .trim()
          .min(4)
          .max(500)
          .openapi({ description: 'What the rows are wanted for; kept in the audit', example: '退回建设局更正' }),
      }),
    },
    responses: {
      200: {
        description: 'The file',
        content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
      },
      400: failure('PARAMETER_INVALID: no purpose'),
      403: failure('FORBIDDEN'),
      404: failure('LOAD_NOT_FOUND'),
      409: failure('SOURCE_GONE: the shapes are in a file that is no longer there'),
      503: failure('NOT_READY'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { load } = await getLoad(c.var.services, c.req.valid('param').id, role);
    requireStaff(c, STAFF_ONLY);
    const { db, rejectFile } = c.var.services;
    const { purpose } = c.req.valid('query');
    if (load.layer.endsWith('.series')) {
      const message = `id: load ${load.id} is of readings over time, which are delivered anew, not mended row by row`;
      throw new ApiError('PARAMETER_INVALID', message, { field: 'id', value: load.id });
    }
    const rows = (await countRejects(db.sql, load.id)).reduce((sum, { count }) => sum + count, 0);
    if (rows === 0) {
      throw new ApiError('PARAMETER_INVALID', `id: load ${load.id} set no row aside`, { field: 'id', value: load.id });
    }
    if (rows > MOST_ROWS) {
      const message = `id: load ${load.id} set ${rows} rows aside, at most ${MOST_ROWS} are handed out; have the whole file mended`;
      throw new ApiError('PARAMETER_INVALID', message, { field: 'id', value: load.id });
    }
    await writeAudit(db.sql, {
      role,
      token: tokenFingerprint(c.req.header('Authorization')),
      action: 'rejects.file',
      layer: load.layer,
      load: load.id,
      purpose,
      detail: { rows },
      requestId: c.var.requestId,
    });
    const { name, bytes } = await rejectFile(load.id, role);
    return c.body(new Uint8Array(bytes), 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      'Cache-Control': 'no-store',
    });
  },
);
