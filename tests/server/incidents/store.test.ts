import { beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { closeIncident, findIncident, ingestBatch } from '../../../server/incidents/store.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { readHead, readLog } from '../../../server/live/log.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncident, makeIncidents } from '../../support/incidents.ts';

let db: Database;
beforeAll(async () => {
  db = await testDatabase();
});

const logAfter = async (id: number): Promise<{ id: number; json: string }[]> =>
  (await readLog(db.sql, { after: id, withRestricted: true, limit: 100_000 })).entries;

test('stores, logs and answers in the order given', async () => {
  const { id: head } = await readHead(db.sql);
  // Keys in descending order: stored by key, logged as they came.
  const incidents = makeIncidents(20).toReversed();
  const results = await ingestBatch(db.sql, incidents);
  expect(results.every((result) => result.isNew && result.same && result.grid === '440604012018W001')).toBe(true);
  const events = (await logAfter(head)).map((entry) => JSON.parse(entry.json));
  expect(events.map((event) => event.incident.key)).toEqual(incidents.map((incident) => incident.key));
  expect(events.map((event) => event.incident.id)).toEqual(results.map((result) => result.id));
  const [first] = incidents;
  expect(events[0]).toEqual({
    id: expect.any(Number),
    type: 'incident.created',
    committedAt: expect.any(Number),
    incident: await findIncident(db.sql, 'staff', results[0]!.id),
  });
  expect(events[0].incident).toMatchObject({
    category: '06010',
    categoryTitle: { zh: '暴露垃圾', en: 'Exposed rubbish' },
    lon: 113.05,
    lat: 23.05,
    state: 'open',
    occurredAt: new Date(first!.occurredAt).toISOString(),
    dueAt: new Date(first!.dueAt).toISOString(),
    closedAt: null,
  });
});

test('the log tells of new incidents what the database says of them, to the letter', async () => {
  const { id: head } = await readHead(db.sql);
  const titles = ['"\\\\ / <>&\'', '𠮷口\u2028\u00a0é', '{}[],:', '', ',', '1'];
  const codes = ['06010', '01001', 'Z0302', 'Z0901', '09001'];
  const incidents = codes.flatMap((code, index) =>
    titles.map((title, severity) =>
      makeIncident({
        title,
        severity: severity % 5,
        category: findCategory(code) as Category,
        lon: [113, 113.050001, 112.9, 0.000001, -1.5][index] as number,
        lat: [23, 22.999999, 23.1, 5e-7, 90][index] as number,
        receivedAt: Date.now() + index * 86_400_123 - severity * 7_200_000,
      }),
    ),
  );
  const results = await ingestBatch(db.sql, incidents);
  const ids = results.map(({ id }) => id);
  const rows = await db.sql<{ said: string; parsed: unknown }[]>`
    select app.incident_json(i)::text as said, to_jsonb(app.incident_json(i)) as parsed
    from app.incident i join unnest(${ids}::bigint[]) with ordinality u(id, ord) using (id) order by u.ord`;
  const logged = (await logAfter(head)).map(({ json }) => json);
  expect(logged.map((json) => JSON.parse(json).incident)).toEqual(rows.map(({ parsed }) => parsed));
  // Where PostgreSQL writes 1e-06 and JavaScript 0.000001 the same number is meant; no such place is in any district.
  const plain = logged.filter((_, index) => Math.abs((incidents[index] as { lon: number }).lon) > 1);
  expect(plain.map((json) => json.slice(json.indexOf('"incident":') + 11, json.indexOf(',"committedAt"')))).toEqual(
    rows.filter((_, index) => Math.abs((incidents[index] as { lon: number }).lon) > 1).map(({ said }) => said),
  );
});

test('columns of one row that say nothing stay empty, and a text that could cut a column is refused', async () => {
  const category = findCategory('01001') as Category;
  const [alone] = await ingestBatch(db.sql, [makeIncident({ category })]);
  const [row] =
    await db.sql`select escalate_at, warn_at is not null as warns from app.incident where id = ${alone!.id}`;
  expect(row).toEqual({ escalate_at: null, warns: true });
  await expect(ingestBatch(db.sql, [makeIncident(), makeIncident({ title: 'a\u001Fb' })])).rejects.toThrow(
    'control character',
  );
});

test('the same key is the same incident, within a batch and over batches', async () => {
  const incident = makeIncident();
  const other = makeIncident({ ...incident, title: 'something else' });
  const first = await ingestBatch(db.sql, [incident, incident, other]);
  expect(first.map(({ isNew, same }) => [isNew, same])).toEqual([
    [true, true],
    [false, true],
    [false, false],
  ]);
  const again = await ingestBatch(db.sql, [other, { ...incident, receivedAt: Date.now() + 5000, dueAt: 0 }]);
  expect(again.map(({ isNew, same }) => [isNew, same])).toEqual([
    [false, false],
    [false, true],
  ]);
  expect(new Set([...first, ...again].map((result) => result.id)).size).toBe(1);
});

test('concurrent batches with common keys store each once, without deadlock', async () => {
  const { id: head } = await readHead(db.sql);
  const incidents = makeIncidents(200);
  const shuffled = Array.from({ length: 8 }, () => incidents.toSorted(() => Math.random() - 0.5));
  const results = (await Promise.all(shuffled.map((batch) => ingestBatch(db.sql, batch)))).flat();
  expect(results).toHaveLength(1600);
  expect(results.filter((result) => result.isNew)).toHaveLength(200);
  expect(new Set(results.map((result) => result.id)).size).toBe(200);
  const keys = (await logAfter(head)).map((entry) => JSON.parse(entry.json).incident.key);
  expect(keys.toSorted()).toEqual(incidents.map((incident) => incident.key).toSorted());
});

test('log ids become visible in their order: a reader that only looks forward misses nothing', async () => {
  let { id: cursor } = await readHead(db.sql);
  const seen: number[] = [];
  const keys: string[] = [];
  let writing = true;
  const reader = (async () => {
    for (let last = false; !last;) {
      last = !writing;
      for (const entry of await logAfter(cursor)) {
        seen.push(entry.id);
        keys.push(JSON.parse(entry.json).incident.key);
        cursor = entry.id;
      }
    }
  })();
  const sent: string[] = [];
  const writer = async (): Promise<void> => {
    for (let i = 0; i < 25; i++) {
      const batch = makeIncidents(1 + (i % 3));
      sent.push(...batch.map((incident) => incident.key));
      // Some transactions linger after their statement, some are rolled back and sent again.
      await db.sql
        .begin(async (tx) => {
          await ingestBatch(tx as unknown as Database['sql'], batch);
          if (i % 5 === 0) await tx`select pg_sleep(0.01)`;
          if (i % 7 === 0) throw new Error('rolled back on purpose');
        })
        .catch(() => ingestBatch(db.sql, batch));
    }
  };
  await Promise.all(Array.from({ length: 4 }, writer));
  writing = false;
  await reader;
  expect(keys.toSorted()).toEqual(sent.toSorted());
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('closing is logged once', async () => {
  const [stored] = await ingestBatch(db.sql, [makeIncident()]);
  const { id: head } = await readHead(db.sql);
  const at = Date.now();
  const closed = await Promise.all(Array.from({ length: 5 }, () => closeIncident(db.sql, 'staff', stored!.id, at)));
  expect(closed.map((incident) => incident?.closedAt)).toEqual(Array(5).fill(new Date(at).toISOString()));
  const events = (await logAfter(head)).map((entry) => JSON.parse(entry.json));
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ type: 'incident.closed', incident: closed[0] });
  expect(await closeIncident(db.sql, 'staff', 2 ** 40, at)).toBeUndefined();
});

test('the public neither finds nor closes restricted incidents', async () => {
  const category = findCategory('Z0302') as Category;
  const [stored] = await ingestBatch(db.sql, [makeIncident({ category })]);
  expect(await findIncident(db.sql, 'public', stored!.id)).toBeUndefined();
  expect(await closeIncident(db.sql, 'public', stored!.id, Date.now())).toBeUndefined();
  expect(await findIncident(db.sql, 'staff', stored!.id)).toMatchObject({ category: 'Z0302', state: 'open' });
});

test('SQL in a text is just text', async () => {
  const title = `'); drop table app.incident; -- {"a":1}\\`;
  const [stored] = await ingestBatch(db.sql, [makeIncident({ title })]);
  expect((await findIncident(db.sql, 'staff', stored!.id))?.title).toBe(title);
});
