import { createRoute, z } from '@hono/zod-openapi';
import { ReadingInput, ReadingReceipt, ReadingRejects } from '../contract/sensors.ts';
import { ApiError } from '../errors.ts';
import { QueueFull } from '../incidents/batcher.ts';
import { listReadingRejects } from '../queries/sensors.ts';
import { listBody } from './list-body.ts';
import { failure, json } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { endpoint } from './router.ts';

const MOST_READINGS = 5000;
export const NDJSON_BODY = /^application\/(x-)?ndjson\b/i;

/** Lines of JSON; a line that is none stays the text it is, and is refused as a reading. */
function readLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        return line;
      }
    });
}

export const sendReadings = endpoint(
  createRoute({
    method: 'post',
    path: '/api/readings',
    tags: ['sensors'],
    summary: `Send up to ${MOST_READINGS} readings`,
    description:
      'Answered after the commit. Each reading stands for itself: bad ones are listed in `rejected` by index, the others are stored. A reading that is sent again is the same reading, so that a request without an answer is repeated as it is.',
    request: {
      body: {
        content: {
          'application/json': {
            schema: z.array(z.unknown()).openapi({ items: { $ref: '#/components/schemas/ReadingInput' } }),
          },
          'application/x-ndjson': { schema: ReadingInput.openapi({ description: 'One on each line' }) },
        },
      },
    },
    responses: {
      200: json(ReadingReceipt, 'What became of the readings'),
      403: failure('FORBIDDEN'),
      415: failure('MEDIA_TYPE_UNSUPPORTED'),
      429: failure('Too many readings are waiting; come back after `Retry-After` seconds'),
      503: failure('The database is away; repeat the same readings'),
    },
  }),
  async (c) => {
    requireStaff(c);
    const type = c.req.header('Content-Type') ?? '';
    let inputs: unknown[];
    if (NDJSON_BODY.test(type)) inputs = readLines(await c.req.text());
    else inputs = listBody(c);
    if (inputs.length < 1 || inputs.length > MOST_READINGS) {
      const message = `1 to ${MOST_READINGS} readings are sent at once, not ${inputs.length}.`;
      throw new ApiError('BODY_INVALID', message, { field: 'readings', value: inputs.length });
    }
    const results = await c.var.services.readings.submit(inputs, 'http').catch((cause: unknown) => {
      c.header('Retry-After', '1');
      if (cause instanceof QueueFull) throw new ApiError('OVERLOADED', `${cause.message}. Try again.`, { cause });
      throw cause;
    });
    const receipt: ReadingReceipt = { stored: 0, known: 0, rejected: [] };
    for (const [index, result] of results.entries()) {
      if (result.state === 'refused') {
        const { code, field, message } = result.rejection;
        receipt.rejected.push({ index, code, field, message });
      } else receipt[result.state] += 1;
    }
    return c.json(receipt, 200);
  },
);

export const readReadingRejects = endpoint(
  createRoute({
    method: 'get',
    path: '/api/readings/rejects',
    tags: ['sensors'],
    summary: 'What was sent as a reading and not stored, by sensor, metric and reason',
    description:
      'With `code=UNKNOWN_SENSOR` the sensors that wait to be registered: features of no loaded sensor layer.',
    request: {
      query: z.object({
        code: z.string().max(40).optional().openapi({ example: 'UNKNOWN_SENSOR' }),
        limit: z
          .string()
          .regex(/^[1-9]\d{0,3}$/, 'must be a whole number from 1 to 9999')
          .transform(Number)
          .default(500)
          .openapi({ type: 'integer', minimum: 1, maximum: 9999, default: 500 }),
      }),
    },
    responses: { 200: json(ReadingRejects, 'Newest first'), 403: failure('FORBIDDEN') },
  }),
  async (c) => {
    requireStaff(c);
    const { code, limit } = c.req.valid('query');
    await c.var.services.readings.flush();
    const rows = await listReadingRejects(c.var.services.db.sql, code ?? null, limit);
    const rejects = rows.map((row) => ({
      ...row,
      firstAt: row.firstAt.toISOString(),
      lastAt: row.lastAt.toISOString(),
    }));
    return c.json({ rejects }, 200, { 'Cache-Control': 'no-store' });
  },
);
