import { createRoute, z } from '@hono/zod-openapi';
import { maskValue } from '../../layers/access.ts';
import { PositionInput, PositionReceipt, Positions } from '../contract/sensors.ts';
import { ApiError } from '../errors.ts';
import { parseBboxParameter } from '../filter/parse.ts';
import { listTrails, listVehicles, positionCursor } from '../queries/positions.ts';
import { readGtfsRealtime } from '../sensors/gtfs-realtime.ts';
import { takePositions } from '../sensors/position-intake.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { layersAsked } from './layers-asked.ts';
import { listBody } from './list-body.ts';
import { BboxParameter, failure, json, NOT_MODIFIED } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { endpoint } from './router.ts';

const MOST_POSITIONS = 5000;
export const PROTOBUF_BODY = /^application\/(x-(google-)?protobuf|protobuf|octet-stream)\b/i;
/** What was heard of longer ago is no live position any more, s. */
const MAX_AGE_S = 1800;
const MOST_TRAIL_S = 300;
const GTFS_KIND = 'bus_position';

export const sendPositions = endpoint(
  createRoute({
    method: 'post',
    path: '/api/positions',
    tags: ['positions'],
    summary: `Say where up to ${MOST_POSITIONS} vehicles are`,
    description:
      'JSON, or a GTFS Realtime feed of vehicle positions (`application/x-protobuf`). Answered after the commit. The same vehicle and instant is the same position.',
    request: {
      query: z.object({
        kind: z
          .string()
          .max(64)
          .default(GTFS_KIND)
          .openapi({ description: 'Of a GTFS Realtime feed: the layer of its vehicles' }),
      }),
      body: {
        content: {
          'application/json': {
            schema: z.array(z.unknown()).openapi({ items: { $ref: '#/components/schemas/PositionInput' } }),
          },
          'application/x-protobuf': {
            schema: PositionInput.openapi({ description: 'FeedMessage of GTFS Realtime 2.0' }),
          },
        },
      },
    },
    responses: {
      200: json(PositionReceipt, 'What became of the positions'),
      400: failure('BODY_MALFORMED, BODY_INVALID'),
      403: failure('FORBIDDEN'),
      415: failure('MEDIA_TYPE_UNSUPPORTED'),
    },
  }),
  async (c) => {
    requireStaff(c);
    const { catalogue, positionSql } = c.var.services;
    let inputs: unknown[];
    if (PROTOBUF_BODY.test(c.req.header('Content-Type') ?? '')) {
      const { kind } = c.req.valid('query');
      try {
        inputs = readGtfsRealtime(new Uint8Array(await c.req.arrayBuffer())).map((vehicle) => ({ kind, ...vehicle }));
      } catch (cause) {
        throw new ApiError('BODY_MALFORMED', 'The body is no feed of GTFS Realtime.', { cause });
      }
    } else inputs = listBody(c);
    if (inputs.length > MOST_POSITIONS) {
      const message = `At most ${MOST_POSITIONS} positions are sent at once, not ${inputs.length}.`;
      throw new ApiError('BODY_INVALID', message, { field: 'positions', value: inputs.length });
    }
    return c.json(await takePositions(positionSql, catalogue, inputs), 200);
  },
);

export const readPositions = endpoint(
  createRoute({
    method: 'get',
    path: '/api/positions',
    tags: ['positions'],
    summary: 'Where vehicles are, as columns; with `since` only those that were heard of after',
    request: {
      query: z.object({
        kinds: z
          .string()
          .max(1000)
          .optional()
          .openapi({ description: 'Ids of layers whose features move, with commas between; all when left out' }),
        since: z
          .string()
          .regex(/^\d{1,15}$/, 'must be the cursor of an answer')
          .transform(Number)
          .default(0)
          .openapi({ type: 'integer', description: 'The `cursor` of an earlier answer' }),
        bbox: BboxParameter,
        trail: z
          .string()
          .regex(/^\d{1,3}$/, `must be a whole number from 0 to ${MOST_TRAIL_S}`)
          .transform(Number)
          .pipe(z.int().max(MOST_TRAIL_S))
          .default(0)
          .openapi({ type: 'integer', minimum: 0, maximum: MOST_TRAIL_S, description: 'Seconds of what was before' }),
      }),
    },
    responses: {
      200: json(Positions, 'The vehicles'),
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID: also a layer whose features do not move'),
      404: failure('LAYER_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, db } = c.var.services;
    const query = c.req.valid('query');
    const area = parseBboxParameter(query.bbox);
    const asked = { name: 'kinds', text: query.kinds };
    const layers = await layersAsked(catalogue, role, asked, ({ moving }) => moving !== undefined, 'do not move');
    const head = await positionCursor(db.sql);
    const tag = entityTag('positions', role, JSON.stringify(query), head);
    const headers = cacheHeaders(layers, tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    // A cursor beyond the end is of another database: everything is new.
    const since = query.since > head ? 0 : query.since;
    const { cursor, rows } = await listVehicles(db.sql, {
      kinds: layers.map(({ id }) => id),
      since,
      bbox: area.kind === 'bbox' ? area.bbox : null,
      maxAgeSeconds: MAX_AGE_S,
    });
    const trails = query.trail === 0 ? [] : await listTrails(db.sql, rows, query.trail);
    const indexOf = new Map(layers.map(({ id }, i) => [id, i]));
    const maskOf = layers.map((layer) => layer.fields[layer.key]?.mask);
    const body = {
      cursor,
      full: since === 0,
      now: Date.now(),
      kinds: layers.map(({ id, title, moving }) => ({ id, title, everySeconds: moving?.everySeconds ?? 0 })),
      ids: rows.map(({ id }) => id),
      kind: rows.map(({ kind }) => indexOf.get(kind) ?? 0),
      // Where the number names a person, nothing that was sent beside it is told either.
      label: rows.map(({ kind, vehicle, label }) => {
        const mask = maskOf[indexOf.get(kind) ?? 0];
        return mask === undefined ? (label ?? vehicle) : String(maskValue(mask, vehicle));
      }),
      at: rows.map(({ at }) => at),
      lon: rows.map(({ lon }) => lon),
      lat: rows.map(({ lat }) => lat),
      speed: rows.map(({ speed }) => speed),
      bearing: rows.map(({ bearing }) => bearing),
      trails,
    };
    return c.json(body, 200, headers);
  },
);
