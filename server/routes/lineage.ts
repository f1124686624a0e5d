import { createRoute, z } from '@hono/zod-openapi';
import { maskedFields, maskValue } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import { Text } from '../contract/basics.ts';
import { MadeOf } from '../contract/counts.ts';
import { ApiError } from '../errors.ts';
import { findVersion } from '../queries/layer-version.ts';
import { findFid, findOrigin, findRowOrigin, listRepairs, type LoadOrigin } from '../queries/lineage.ts';
import { shownMadeOf } from '../results/shown-made-of.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { parseFid, requireTable } from './features.ts';
import { failure, json, LayerId } from './parameters.ts';
import { endpoint } from './router.ts';

const Lineage = z
  .object({
    layer: z.string(),
    fid: z.number().int(),
    /** Line of a text file, or number of the feature, from 1; null where it is not known. */
    line: z.number().int().nullable(),
    load: z.object({
      id: z.number().int(),
      file: z.string(),
      sha256: z.string().nullable(),
      format: z.string().nullable(),
      encoding: z.string().nullable(),
      startedAt: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      rows: z.object({
        in: z.number().int(),
        accepted: z.number().int(),
        repaired: z.number().int(),
        quarantined: z.number().int(),
      }),
    }),
    crs: z.object({ name: z.string(), confidence: z.number().nullable(), reasons: z.array(Text) }).nullable(),
    /** Codes of the checks that would have set the row aside, and the fields they looked at. */
    checks: z.array(z.object({ code: z.string(), fields: z.array(z.string()) })),
    repairs: z.array(z.object({ code: z.string(), message: z.string() })),
    /** Rows of other layers this one was placed by or refers to, and the load they were of. */
    links: z.array(
      z.object({
        kind: z.enum(['place', 'reference']),
        field: z.string(),
        value: z.string().nullable(),
        layer: z.string(),
        load: z.number().int().nullable(),
        /** The row; null when there is none with this key, or its version is no longer kept. */
        fid: z.number().int().nullable(),
      }),
    ),
    /** The micro-grid it lies in, and the load of the grid. */
    grid: z.object({ code: z.string().nullable(), load: z.number().int() }).nullable(),
    /** Of a result: what its layer was made of; null of a delivery. */
    madeOf: MadeOf.nullable(),
  })
  .openapi('Lineage');

export type Lineage = z.infer<typeof Lineage>;

/** The checks an accepted row has passed: those of its definition that could be made at that load. */
function checksOf(layer: Layer, origin: LoadOrigin): z.infer<typeof Lineage>['checks'] {
  const fields = Object.entries(layer.fields);
  const named = (test: (field: Layer['fields'][string], name: string) => boolean) =>
    fields.flatMap(([name, field]) => (test(field, name) ? [name] : []));
  const references = (layer.checks.references ?? [])
    .filter((reference) => origin.links[reference.layer] !== null && origin.links[reference.layer] !== undefined)
    .map(({ field }) => field);
  const checks: [string, string[]][] = [
    ['MISSING_REQUIRED', named((field, name) => field.required === true || name === layer.key)],
    ['BAD_TYPE', named((field) => field.type !== 'string')],
    ['BAD_VALUE', named((field) => field.values !== undefined)],
    ['OUT_OF_RANGE', named((field) => field.range !== undefined)],
    ['BAD_PATTERN', named((field) => field.pattern !== undefined)],
    ['DUPLICATE_KEY', [layer.key]],
    ['NOT_UNIQUE', [...(layer.checks.unique ?? [])]],
    ['UNKNOWN_REFERENCE', references],
  ];
  const found = checks.filter(([, names]) => names.length > 0).map(([code, names]) => ({ code, fields: names }));
  if (layer.geometry !== 'table') found.push({ code: 'BAD_GEOMETRY', fields: [] });
  if (origin.grid !== null) found.push({ code: 'OUTSIDE_DISTRICT', fields: [] });
  return found;
}

export const readLineage = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/features/{fid}/lineage',
    tags: ['history'],
    summary: 'Where a feature comes from: file, line, load, checks, repairs and links',
    request: {
      params: LayerId.extend({ fid: z.string().openapi({ param: { name: 'fid', in: 'path' }, example: '42' }) }),
      query: z.object({ at: AtParameter }),
    },
    responses: {
      200: json(Lineage, 'The lineage'),
      400: failure('PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND, FEATURE_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, db } = c.var.services;
    const { id, fid: text } = c.req.valid('param');
    const { layer, state } = await catalogue.getAsOf(id, role, parseAt(c.req.valid('query').at));
    requireTable(layer);
    const fid = parseFid(text, 'PARAMETER_INVALID', 'fid');
    const wanted = [
      ...(layer.place ? [{ kind: 'place' as const, ...layer.place }] : []),
      ...(layer.checks.references ?? []).map((reference) => ({ kind: 'reference' as const, ...reference })),
    ];
    const names = wanted.map(({ field }) => field);
    const row = state === null ? null : await findRowOrigin(db.sql, state.table, fid, names);
    const origin = state === null ? null : await findOrigin(db.sql, state.loadId);
    if (row === null || origin === null) {
      throw new ApiError('FEATURE_NOT_FOUND', `Layer ${layer.id} has no feature ${fid}.`, { field: 'fid', value: fid });
    }
    const masked = new Set(maskedFields(layer, role));
    const entries = await catalogue.list(role);
    const visible = new Set(entries.map((entry) => entry.layer.id));
    const links: z.infer<typeof Lineage>['links'] = [];
    for (const { kind, field, layer: target } of wanted) {
      // Of a layer that the caller may not see he does not learn that it is there.
      if (!visible.has(target)) continue;
      const key = row.values[field] ?? null;
      const load = origin.links[target] ?? null;
      const version = load === null || key === null ? null : await findVersion(db.sql, target, load);
      const mask = masked.has(field) ? layer.fields[field]?.mask : undefined;
      const shown = mask === undefined ? key : maskValue(mask, key);
      links.push({
        kind,
        field,
        value: shown === null || shown === undefined ? null : String(shown),
        layer: target,
        load,
        fid: version?.table && key !== null ? await findFid(db.sql, version.table, key) : null,
      });
    }
    const body = {
      layer: layer.id,
      fid,
      line: row.line,
      load: {
        id: origin.load,
        file: origin.file,
        sha256: origin.sha256,
        format: origin.format,
        encoding: origin.encoding,
        startedAt: origin.startedAt.toISOString(),
        from: origin.validFrom?.toISOString() ?? null,
        to: origin.validTo?.toISOString() ?? null,
        rows: origin.rows,
      },
      crs: origin.crs,
      checks: checksOf(layer, origin),
      repairs: await listRepairs(db.sql, origin.load, row.key),
      links,
      grid: origin.grid === null || !visible.has('governance_grid') ? null : { code: row.gridCode, load: origin.grid },
      madeOf: shownMadeOf(origin.madeOf, entries),
    };
    return c.json(body, 200, { 'Cache-Control': 'private, no-cache', Vary: 'Accept-Encoding, Authorization' });
  },
);
