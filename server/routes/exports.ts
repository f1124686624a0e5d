import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { tokenFingerprint } from '../auth/caller.ts';
import { ExportJob } from '../contract/exports.ts';
import { ApiError } from '../errors.ts';
import { exportColumns, type Heading, HEADINGS } from '../export/columns.ts';
import { exportFormat, type ExportFormatName, exportFormatNames } from '../export/formats.ts';
import { type ExportPlan, readmeFor } from '../export/make-export.ts';
import type { FilterLanguage } from '../filter/parse.ts';
import { layersOfAreas, predicateKey } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import { writeAudit } from '../queries/audit.ts';
import { type ExportRecord, findExport } from '../queries/exports.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { requireTable } from './features.ts';
import { ownerOf } from './owner-of.ts';
import {
  BboxParameter,
  failure,
  FilterLangParameter,
  FilterParameter,
  json,
  LayerId,
  NOT_MODIFIED,
} from './parameters.ts';
import { type AppEnv, endpoint } from './router.ts';

const FORMAT = 'csv xlsx geojson geojsonseq shapefile gpkg fgb parquet kml';

const FieldsParameter = z.string().max(8000).optional().openapi({
  description: 'Fields with commas between, in their order; default all. `fid` and the place always come',
  example: 'name,status',
});

const HeadingParameter = z.enum(HEADINGS).optional().openapi({
  description: 'Headings of CSV and XLSX: names of the fields (default), or their titles in Chinese or English',
});

const PurposeParameter = z.string().trim().min(4).max(500).optional().openapi({
  description: 'What the rows are wanted for; needed for layers with personal data, kept in the audit',
  example: '社区走访',
});

/** What the caller asks for, in the words of parameters or of a body. */
interface Wanted {
  id: string;
  format: ExportFormatName;
  filter?: string | undefined;
  filterLang?: FilterLanguage | undefined;
  bbox?: string | undefined;
  at?: string | undefined;
  fields?: string | undefined;
  heading?: Heading | undefined;
  purpose?: string | undefined;
}

async function planOf(c: Context<AppEnv>, wanted: Wanted): Promise<ExportPlan> {
  const { role } = c.var.caller;
  const { catalogue, counter } = c.var.services;
  const at = parseAt(wanted.at);
  const { layer, state } = await catalogue.getAsOf(wanted.id, role, at);
  requireTable(layer);
  const predicate = await readPredicate(c.var.services, layer, { ...wanted, at, role, shows: 'rows' });
  const columns = exportColumns(layer, role, wanted.fields, wanted.format, wanted.heading ?? 'name');
  if (layer.sensitivity === 'personal' && wanted.purpose === undefined) {
    throw new ApiError('PARAMETER_INVALID', `purpose: is needed for layer ${layer.id}, which holds personal data`, {
      field: 'purpose',
    });
  }
  if (state === null) throw new ApiError('NOT_READY', `Layer ${layer.id} has not been loaded yet.`);
  const rows = await counter.rows(layer, state, predicate);
  return { layer, state, at, predicate, format: wanted.format, columns, rows, purpose: wanted.purpose ?? null };
}

/** Notes what is handed out, before it is: always of personal data, and wherever a purpose was given. */
async function audit(c: Context<AppEnv>, plan: ExportPlan, wanted: Wanted): Promise<void> {
  if (plan.purpose === null) return;
  await writeAudit(c.var.services.db.sql, {
    role: c.var.caller.role,
    token: tokenFingerprint(c.req.header('Authorization')),
    action: 'export',
    layer: plan.layer.id,
    load: plan.state?.loadId ?? null,
    purpose: plan.purpose,
    detail: {
      rows: plan.rows,
      format: plan.format,
      filter: (wanted.filter ?? '').slice(0, 2000),
      bbox: wanted.bbox ?? '',
      fields: plan.columns.map(({ name }) => name).join(','),
    },
    requestId: c.var.requestId,
  });
}

function attachment(name: string): string {
  return `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
}

export const exportLayer = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/export',
    tags: ['export'],
    summary: 'Any selection of a layer as a file, zipped with a README',
    description:
      'Written while it is read; a file that GDAL makes (shapefile, gpkg, fgb, kml) is answered once it is made, of at most 50 000 rows. A caller who goes away ends the query. `format=readme` answers the README alone.',
    request: {
      params: LayerId,
      query: z.object({
        format: z.enum([...exportFormatNames, 'readme']).openapi({ description: `${FORMAT} readme` }),
        filter: FilterParameter,
        'filter-lang': FilterLangParameter,
        bbox: BboxParameter,
        at: AtParameter,
        fields: FieldsParameter,
        heading: HeadingParameter,
        purpose: PurposeParameter,
        bare: z.enum(['0', '1']).optional().openapi({
          description: '1: csv, geojson and geojsonseq without the zip; the header Link names the README',
        }),
      }),
    },
    responses: {
      200: {
        description: 'The file; the header X-Row-Count says how many rows',
        content: { 'application/zip': { schema: z.string().openapi({ format: 'binary' }) } },
      },
      304: NOT_MODIFIED,
      400: failure('FILTER_INVALID, PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
      422: failure('EXPORT_TOO_LARGE'),
      429: failure('OVERLOADED: four are running'),
      503: failure('NOT_READY, QUERY_TIMEOUT'),
      507: failure('EXPORT_NO_SPACE'),
    },
  }),
  async (c) => {
    const { format, bare, ...query } = c.req.valid('query');
    const isReadme = format === 'readme';
    const wanted: Wanted = {
      id: c.req.valid('param').id,
      ...query,
      filterLang: query['filter-lang'],
      format: isReadme ? 'csv' : format,
    };
    const mediaType = isReadme ? undefined : exportFormat(format).mediaType;
    const isBare = bare === '1';
    if (isBare && mediaType === undefined) {
      throw new ApiError('PARAMETER_INVALID', 'bare: only csv, geojson and geojsonseq come without a zip', {
        field: 'bare',
        value: format,
      });
    }
    const plan = await planOf(c, wanted);
    const { layer, state } = plan;
    const { exports } = c.var.services;
    const tag = entityTag(c.req.url, layer.id, state?.loadId ?? 0, c.var.caller.role, predicateKey(plan.predicate));
    const headers: Record<string, string> = {
      ...cacheHeaders([layer, ...layersOfAreas(plan.predicate)], tag),
      'X-Row-Count': String(plan.rows),
      ...(layer.sensitivity === 'personal' ? { 'Cache-Control': 'no-store' } : {}),
    };
    if (layer.sensitivity !== 'personal' && hasCurrent(c, tag)) return notModified(c, headers);
    if (isReadme) return c.body(readmeFor(plan), 200, { ...headers, 'Content-Type': 'text/markdown; charset=utf-8' });
    exports.requireRoom(plan, true);
    headers['Content-Type'] = isBare && mediaType !== undefined ? mediaType : 'application/zip';
    if (isBare) {
      const address = new URL(c.req.url);
      address.searchParams.set('format', 'readme');
      address.searchParams.delete('bare');
      headers['Link'] = `<${address.pathname}${address.search}>; rel="describedby"; type="text/markdown"`;
    }
    // A HEAD has no body that somebody would read.
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers);
    await audit(c, plan, wanted);
    const made = await exports.make(plan, isBare, c.req.raw.signal);
    headers['Content-Disposition'] = attachment(made.name);
    return c.body(Readable.toWeb(made.stream) as ReadableStream<Uint8Array>, 200, headers);
  },
);

function jobOf(record: ExportRecord): z.infer<typeof ExportJob> {
  const { id, layer, load, format, state, phase, rowsDone, rowsTotal, bytes, name, errorCode, error } = record;
  return {
    id,
    layer,
    load,
    format,
    state,
    // Jobs that make a layer have others.
    phase: phase === 'computing' || phase === 'loading' ? null : phase,
    rows: { done: rowsDone, total: rowsTotal },
    bytes,
    name,
    error: errorCode === null ? null : { code: errorCode, message: error ?? '' },
    createdAt: record.createdAt.toISOString(),
    expiresAt: record.expiresAt.toISOString(),
    file: state === 'ready' ? `/api/exports/${id}/file` : null,
  };
}

const ExportId = z.object({
  id: z
    .string()
    .max(64)
    .openapi({ param: { name: 'id', in: 'path' }, example: '5b6c0d1e-8f3a-4c57-9a51-0f7e6f2f3c11' }),
});

/** The caller's own export. Somebody else's answers like one that does not exist. */
async function getExport(c: Context<AppEnv>, id: string): Promise<ExportRecord> {
  const isId = z.uuid().safeParse(id).success;
  const record = isId ? await findExport(c.var.services.db.sql, id, 'file', ownerOf(c)) : null;
  if (record === null) {
    throw new ApiError('EXPORT_NOT_FOUND', `There is no export "${id.slice(0, 64)}".`, { field: 'id', value: id });
  }
  return record;
}

export const startExport = endpoint(
  createRoute({
    method: 'post',
    path: '/api/exports',
    tags: ['export'],
    summary: 'Starts to make a file of a selection, to be fetched when it is ready',
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z.strictObject({
              layer: z.string().min(1).max(64),
              format: z.enum(exportFormatNames),
              filter: z.union([z.record(z.string(), z.unknown()), z.string().max(100_000)]).optional(),
              bbox: z.string().max(200).optional(),
              at: z.string().max(40).optional(),
              fields: z.array(z.string().max(64)).min(1).max(500).optional(),
              heading: z.enum(HEADINGS).optional(),
              purpose: z.string().trim().min(4).max(500).optional(),
            }),
          },
        },
      },
    },
    responses: {
      201: json(ExportJob, 'The export; its address is in Location'),
      400: failure('BODY_INVALID, FILTER_INVALID, PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
      422: failure('EXPORT_TOO_LARGE'),
      429: failure('OVERLOADED'),
      503: failure('NOT_READY'),
    },
  }),
  async (c) => {
    const { layer, filter, fields, bbox, at, heading, purpose, format } = c.req.valid('json');
    const wanted: Wanted = {
      id: layer,
      format,
      filter: typeof filter === 'object' ? JSON.stringify(filter) : filter,
      fields: fields?.join(','),
      bbox,
      at,
      heading,
      purpose,
    };
    const plan = await planOf(c, wanted);
    const { exports } = c.var.services;
    exports.requireRoom(plan, false);
    await audit(c, plan, wanted);
    const record = await exports.start(plan, ownerOf(c));
    return c.json(jobOf(record), 201, { Location: `/api/exports/${record.id}` });
  },
);

export const readExport = endpoint(
  createRoute({
    method: 'get',
    path: '/api/exports/{id}',
    tags: ['export'],
    summary: 'How far an export is',
    request: { params: ExportId },
    responses: { 200: json(ExportJob, 'The export'), 404: failure('EXPORT_NOT_FOUND') },
  }),
  async (c) => c.json(jobOf(await getExport(c, c.req.valid('param').id)), 200),
);

export const readExportFile = endpoint(
  createRoute({
    method: 'get',
    path: '/api/exports/{id}/file',
    tags: ['export'],
    summary: 'The file of an export that is ready',
    request: { params: ExportId },
    responses: {
      200: {
        description: 'The zip',
        content: { 'application/zip': { schema: z.string().openapi({ format: 'binary' }) } },
      },
      404: failure('EXPORT_NOT_FOUND'),
      409: failure('EXPORT_NOT_READY'),
    },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const record = await getExport(c, id);
    if (record.state !== 'ready' || record.file === null) {
      throw new ApiError('EXPORT_NOT_READY', `The export is ${record.state}.`, { field: 'id', value: id });
    }
    const path = c.var.services.exports.pathOf(record.file);
    const found = await stat(path).catch(() => null);
    if (found === null) {
      throw new ApiError('EXPORT_NOT_FOUND', 'The file of this export is not on this machine any more.', {
        field: 'id',
      });
    }
    const headers = {
      'Content-Type': 'application/zip',
      'Content-Length': String(found.size),
      'Content-Disposition': attachment(record.name ?? `${record.layer}.zip`),
      'X-Row-Count': String(record.rowsDone),
      'Cache-Control': 'no-store',
    };
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers);
    return c.body(Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>, 200, headers);
  },
);

export const cancelExport = endpoint(
  createRoute({
    method: 'delete',
    path: '/api/exports/{id}',
    tags: ['export'],
    summary: 'Cancels an export, or removes its file',
    request: { params: ExportId },
    responses: { 204: { description: 'It is gone' }, 404: failure('EXPORT_NOT_FOUND') },
  }),
  async (c) => {
    const { id } = await getExport(c, c.req.valid('param').id);
    await c.var.services.exports.cancel(id);
    return c.body(null, 204);
  },
);
