/**
 * What one would write first: a transaction per request, the micro-grid by ST_Covers, the event as payload of NOTIFY,
 * `streamSSE` with one write per event and screen. The reference for the live path; no resume, no backpressure.
 */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import postgres from 'postgres';
import { IncidentInput } from '../../server/contract/incidents.ts';

const sql = postgres(process.env.DATABASE_URL ?? '', { max: 16, onnotice: () => {} });
const screens = new Set<(event: string) => unknown>();
await sql.listen('naive', (event) => {
  for (const send of screens) send(event);
});

const app = new Hono();
app.get('/healthz', (c) => c.json({ status: 'ok' }));
app.get('/api/live', (c) =>
  streamSSE(c, async (stream) => {
    await stream.writeSSE({ event: 'hello', data: '{}' });
    const send = (event: string): unknown => stream.writeSSE({ data: `{"events":[${event}]}` });
    screens.add(send);
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    screens.delete(send);
  }),
);
app.post('/api/incidents', async (c) => {
  const { lon = 0, lat = 0, ...input } = IncidentInput.parse(await c.req.json());
  const stored = await sql.begin(async (tx) => {
    const [grid] = await tx<{ code: string }[]>`
      select grid_code as code from layers.governance_grid
      where st_covers(geom, st_setsrid(st_makepoint(${lon}, ${lat}), 4326)) order by grid_code limit 1`;
    if (!grid) return undefined;
    const [incident] = await tx<{ id: string; body: string }[]>`
      insert into app.incident (key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
        community_code, town_code, occurred_at, received_at)
      values (${input.key}, ${input.source}, ${input.category}, '', '', ${input.title}, ${input.severity}, ${lon},
        ${lat}, ${grid.code}, left(${grid.code}, 12), left(${grid.code}, 9) || '000', ${input.occurredAt}, now())
      on conflict (key) do nothing returning id, app.incident_json(incident)::text as body`;
    if (!incident) return undefined;
    await tx`
      insert into app.live_log (id, town, restricted, body, committed_at)
      values (nextval('app.live_log_id'), left(${grid.code}, 9) || '000', false, ${incident.body}::text::json, now())`;
    await tx`select pg_notify('naive', ${`{"id":${incident.id},"type":"incident.created","incident":${incident.body}}`})`;
    return incident.id;
  });
  return c.json({ id: stored }, stored === undefined ? 422 : 201);
});

createServer(getRequestListener(app.fetch)).listen(Number(process.env.PORT), '127.0.0.1');
