/** How the service is. */
import { z } from '@hono/zod-openapi';
import { Text } from './basics.ts';

export const Status = z
  .object({
    version: z.string(),
    engine: z.enum(['embedded', 'server']),
    database: z.string(),
    /** What the loader is doing now; null when idle. */
    loading: z.object({ done: z.number().int(), total: z.number().int(), layer: z.string().nullable() }).nullable(),
    /** The search box: layers whose live rows are not in it yet, and rows that are. */
    search: z.object({ pending: z.number().int(), rows: z.number().int() }),
    layers: z.object({ defined: z.number().int(), loaded: z.number().int(), features: z.number().int() }),
    feeds: z.array(z.object({ source: z.string(), lastEventAt: z.string(), events: z.number().int() })),
    /** Addresses that are asked for incidents; `isSilent` when one has not answered for longer than it may. */
    polled: z.array(
      z.object({ id: z.string(), title: Text, succeededAt: z.string().nullable(), isSilent: z.boolean() }),
    ),
    live: z.object({ clients: z.number().int(), cursor: z.string(), since: z.string() }),
  })
  .openapi('Status');

export type Status = z.infer<typeof Status>;
