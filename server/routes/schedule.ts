import { createRoute, z } from '@hono/zod-openapi';
import { listSchedule } from '../db/schedule.ts';
import { failure, json } from './parameters.ts';
import { endpoint } from './router.ts';

const Schedule = z
  .object({
    /** When the process that loads by cadence was seen last; null when none runs. */
    worker: z.object({ seenAt: z.string() }).nullable(),
    layers: z.array(
      z.object({
        layer: z.string(),
        cadence: z.string(),
        status: z.enum(['published', 'unchanged', 'failed', 'retrying', 'missing']).nullable(),
        load: z.number().int().nullable(),
        attemptedAt: z.string().nullable(),
        lookedAt: z.string().nullable(),
        nextLookAt: z.string(),
        queue: z.enum(['waiting', 'running']).nullable(),
        /** When a waiting load is tried. */
        runAt: z.string().nullable(),
        /** For staff only. */
        error: z.string().nullable(),
      }),
    ),
  })
  .openapi('Schedule');

const text = (at: Date | null) => at?.toISOString() ?? null;

export const readSchedule = endpoint(
  createRoute({
    method: 'get',
    path: '/api/schedule',
    tags: ['status'],
    summary: 'Loads by cadence: the last attempt and the next look for each layer the caller may see',
    responses: { 200: json(Schedule, 'The schedule'), 503: failure('DATABASE_UNAVAILABLE') },
  }),
  async (c) => {
    const { catalogue, db } = c.var.services;
    const { role } = c.var.caller;
    const entries = new Map((await catalogue.list(role)).map((entry) => [entry.layer.id, entry.layer]));
    const { layers, worker } = await listSchedule(db.sql);
    const body = {
      worker: worker === null ? null : { seenAt: worker.seenAt.toISOString() },
      layers: layers.flatMap((row) => {
        const layer = entries.get(row.layer);
        if (layer === undefined) return [];
        return [
          {
            layer: row.layer,
            cadence: layer.cadence,
            status: row.status,
            load: row.load,
            attemptedAt: text(row.attemptedAt),
            lookedAt: text(row.lookedAt),
            nextLookAt: row.nextAt.toISOString(),
            queue: row.queue,
            runAt: text(row.runAt),
            error: role === 'staff' ? row.error : null,
          },
        ];
      }),
    };
    return c.json(body, 200, { 'Cache-Control': 'no-store' });
  },
);
