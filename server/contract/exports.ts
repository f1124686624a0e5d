/** Files that are made of a selection. */
import { z } from '@hono/zod-openapi';

/** A file that is made of a selection. */
export const ExportJob = z
  .object({
    id: z.string(),
    layer: z.string(),
    load: z.number().int().nullable(),
    format: z.string(),
    state: z.enum(['waiting', 'running', 'ready', 'failed', 'cancelled']),
    phase: z.enum(['reading', 'converting', 'packing']).nullable(),
    rows: z.object({ done: z.number().int(), total: z.number().int() }),
    /** Of the file, as far as it is written. */
    bytes: z.number().int(),
    name: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    createdAt: z.string(),
    /** When it is forgotten, and its file removed. */
    expiresAt: z.string(),
    /** Address of the file once it is ready. */
    file: z.string().nullable(),
  })
  .openapi('ExportJob');

export type ExportJob = z.infer<typeof ExportJob>;
