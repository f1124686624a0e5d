import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import type { Alarm, AlarmList, Backtest, RuleDetail, RuleList } from '../../../server/rules/contract.ts';
import { followOnce } from '../../../server/duty/log-follower.ts';
import { registerDuty } from '../../../server/duty/duty.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { LiveRules } from '../../../server/rules/live-rules.ts';
import { addDays } from '../../../server/sensors/day-partitions.ts';
import { shanghaiDay } from '../../../server/shanghai-time.ts';
import { storeReadings } from '../../../server/sensors/store.ts';
import { testDatabase } from '../../support/database.ts';
import { makeIncident } from '../../support/incidents.ts';
import { publishSquareGrids, removeSquareGrids } from '../../support/square-grids.ts';
import { loadMesh } from '../../../server/db/mesh.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

const SENSORS = ['water_level_station:rules-1', 'water_level_station:rules-2'];
const FOLLOWER = `rules-api-${Math.random().toString(36).slice(2)}`;
const HOUR = 3_600_000;
const NOON = Math.floor(Date.now() / HOUR) * HOUR - 3 * HOUR;

const threshold = {
  kind: 'threshold',
  name: { zh: '水位过高', en: 'High water' },
  title: { zh: '{name} 水位 {value} 米', en: '{name}: {value} m' },
  severity: 2,
  watch: { of: 'sensors', ids: SENSORS, metric: 'level_m' },
  is: 'above',
  limit: 3.5,
  hold: 300,
};
const burst = {
  kind: 'burst',
  name: { zh: '突发', en: 'Burst' },
  title: { zh: '{name} {count} 件', en: '{name} {count}' },
  severity: 1,
  watch: { of: 'incidents', filter: { field: 'title', op: '=', value: FOLLOWER } },
  count: 2,
  within: 600,
  per: 'grid',
  opens: { category: 'Z0908', severity: 1 },
};

const square = (x: number) => [
  [113, 23],
  [x, 23],
  [x, 23.1],
  [113, 23.1],
  [113, 23],
];

let db: Database;
let api: TestApi;
const made: number[] = [];

async function send<T>(method: string, path: string, body?: object): Promise<{ status: number; body: T }> {
  const response = await api.send(method, path, body && JSON.stringify(body), STAFF);
  return { status: response.status, body: (response.status === 204 ? null : await response.json()) as T };
}
async function save(rule: object): Promise<RuleDetail> {
  const { status, body } = await send<RuleDetail>('POST', '/api/rules', { rule, reason: 'test' });
  expect(status, JSON.stringify(body)).toBe(201);
  made.push(body.id);
  return body;
}
const range = { from: new Date(NOON - HOUR).toISOString(), to: new Date(NOON + 2 * HOUR).toISOString() };

beforeAll(async () => {
  db = await testDatabase();
  await publishSquareGrids(db.sql);
  for (const [index, id] of SENSORS.entries()) {
    await db.sql`
      insert into app.sensor (id, layer, fid, feature, title, lon, lat, grid_code, community_code, town_code, metrics, interval_s)
      values (${id}, 'water_level_station', ${9000 + index}, ${id}, ${`站${index}`}, 113.1, 23.05, '440604012001W001',
        '440604012001', '440604012000', array['level_m'], 900)`;
  }
  await addDays(db.sql, 'reading', [shanghaiDay(NOON - HOUR), shanghaiDay(NOON), shanghaiDay(NOON + HOUR)]);
  const minutes = [0, 3, 6, 9, 12, 60, 70, 80];
  const values = [3, 4, 4.2, 4.1, 3, 5, 5, 2];
  await storeReadings(
    db.sql,
    minutes.map((minute, index) => ({
      sensor: SENSORS[0] as string,
      metric: 'level_m',
      at: NOON + minute * 60_000,
      value: values[index] as number,
    })),
  );
  await registerDuty(db.sql, FOLLOWER);
  api = testApi(db);
});
afterAll(async () => {
  for (const id of made) await send('DELETE', `/api/rules/${id}`);
  await api.close();
  await db.sql`delete from app.sensor where id = any(${SENSORS}::text[])`;
  await db.sql`delete from app.reading where sensor = any(${SENSORS}::text[])`;
  await db.sql`delete from app.sensor_latest where sensor = any(${SENSORS}::text[])`;
  await db.sql`delete from app.duty where name = ${FOLLOWER}`;
  await removeSquareGrids(db.sql);
});

describe('a rule', () => {
  it('is saved in versions, tested, switched on, off and removed; each with who, when and why', async () => {
    const rule = await save(threshold);
    expect(rule).toMatchObject({ version: 1, running: null, tested: null, watched: 2, rule: { clearHold: 0 } });
    const untested = await send('POST', `/api/rules/${rule.id}/enable`, { reason: 'now' });
    expect(untested).toMatchObject({ status: 409, body: { error: { code: 'RULE_NOT_TESTED' } } });

    const tested = await send<Backtest>('POST', '/api/rules/backtest', { id: rule.id, ...range });
    expect(tested.body).toMatchObject({ raised: 2, openAtEnd: 0, watched: 2, inputs: 8 });
    expect(tested.body.alarms.map(({ originator, raisedAt, clearedAt }) => [originator, raisedAt, clearedAt])).toEqual([
      [SENSORS[0], new Date(NOON + 8 * 60_000).toISOString(), new Date(NOON + 12 * 60_000).toISOString()],
      [SENSORS[0], new Date(NOON + 65 * 60_000).toISOString(), new Date(NOON + 80 * 60_000).toISOString()],
    ]);
    expect(tested.body.alarms[0]?.title.zh).toBe('站0 水位 4.2 米');
    expect(tested.body.days.reduce((sum, { raised }) => sum + raised, 0)).toBe(2);
    // What nothing was known of is said: the other sensor, and the days without readings.
    expect(tested.body.days.reduce((sum, { inputs }) => sum + inputs, 0)).toBe(8);
    expect(tested.body.sources).toBe(2);
    expect(tested.body.covered[0]).toEqual({ source: SENSORS[1], from: null, to: null, inputs: 0 });
    expect(tested.body.covered[1]).toMatchObject({ source: SENSORS[0], from: new Date(NOON).toISOString(), inputs: 8 });

    const on = await send<RuleDetail>('POST', `/api/rules/${rule.id}/enable`, { reason: 'storm season' });
    expect(on.body.running).toMatchObject({ version: 1 });
    const changed = await send<RuleDetail>('PUT', `/api/rules/${rule.id}`, {
      rule: { ...threshold, limit: 9 },
      reason: 'too many',
    });
    expect(changed.body).toMatchObject({ version: 2, tested: null, running: { version: 1 } });
    const again = await send('POST', `/api/rules/${rule.id}/enable`, { reason: 'now' });
    expect(again.status).toBe(409);
    const none = await send<Backtest>('POST', '/api/rules/backtest', { id: rule.id, ...range });
    expect(none.body.raised).toBe(0);
    const second = await send<RuleDetail>('POST', `/api/rules/${rule.id}/enable`, { reason: 'less noise' });
    expect(second.body.running).toMatchObject({ version: 2 });
    const off = await send<RuleDetail>('POST', `/api/rules/${rule.id}/disable`, { reason: 'over' });
    expect(off.body.running).toBeNull();
    expect(off.body.history.map(({ move, version, reason }) => [move, version, reason])).toEqual([
      ['disabled', 2, 'over'],
      ['enabled', 2, 'less noise'],
      ['saved', 2, 'too many'],
      ['enabled', 1, 'storm season'],
      ['saved', 1, 'test'],
    ]);
    expect(off.body.history.every(({ by }) => /^staff \w+/.test(by))).toBe(true);
    expect((await send('DELETE', `/api/rules/${rule.id}`)).status).toBe(204);
    expect((await send('GET', `/api/rules/${rule.id}`)).status).toBe(404);
    const { body } = await send<RuleList>('GET', '/api/rules');
    expect(body.rules.some(({ id }) => id === rule.id)).toBe(false);
  });

  it('can be back-tested before it is saved', async () => {
    const { body } = await send<Backtest>('POST', '/api/rules/backtest', { rule: { ...threshold, hold: 0 }, ...range });
    expect(body.raised).toBe(2);
  });
});

describe('alarms', () => {
  it('open an incident with a place of its own, once, and are acknowledged and cleared', async () => {
    const mesh = await loadMesh(db.sql);
    const rules = new LiveRules({ follower: FOLLOWER, grids: () => mesh, onRefused: (key) => expect.unreachable(key) });
    const follower = { name: FOLLOWER, handle: (tx: never, events: never) => rules.takeLog(tx, events) };
    await followOnce(db.sql, follower);
    const rule = await save(burst);
    await send('POST', '/api/rules/backtest', { id: rule.id, from: range.from, to: new Date().toISOString() });
    await send('POST', `/api/rules/${rule.id}/enable`, { reason: 'now' });
    const place = { lon: 113.105, lat: 23.055, grid: mesh.codes[mesh.locate(113.105, 23.055)] as string };
    for (let index = 0; index < 3; index++) await ingestBatch(db.sql, [makeIncident({ ...place, title: FOLLOWER })]);
    while (await followOnce(db.sql, follower));
    await followOnce(db.sql, follower);

    const list = await send<AlarmList>('GET', `/api/alarms?rule=${rule.id}`);
    expect(list.body).toMatchObject({ open: 1, unacknowledged: 1, next: null });
    const [alarm] = list.body.alarms as [Alarm];
    expect(alarm).toMatchObject({
      count: 2,
      originator: place.grid,
      grid: place.grid,
      severity: 1,
      acknowledgedAt: null,
    });
    expect(alarm.evidence.incidents).toHaveLength(2);
    const [incident] = await db.sql<{ key: string; category: string; source: string; lon: number }[]>`
      select key, category, source, lon from app.incident where id = ${alarm.incident}`;
    expect(incident).toEqual({
      key: `rule-${rule.id}-${alarm.id}`,
      category: 'Z0908',
      source: 'rules',
      lon: place.lon,
    });

    const seen = await send<Alarm>('POST', `/api/alarms/${alarm.id}/acknowledge`);
    expect(seen.body.acknowledgedBy).toMatch(/^staff/);
    expect((await send<AlarmList>('GET', `/api/alarms?rule=${rule.id}`)).body).toMatchObject({
      open: 1,
      unacknowledged: 0,
    });
    const cleared = await send<Alarm>('POST', `/api/alarms/${alarm.id}/clear`);
    expect(cleared.body.clearedBy).toMatch(/^staff/);
    expect((await send<Alarm>('POST', `/api/alarms/${alarm.id}/clear`)).body).toEqual(cleared.body);
    expect((await send<AlarmList>('GET', `/api/alarms?rule=${rule.id}`)).body.open).toBe(0);
    const all = await send<AlarmList>('GET', `/api/alarms?rule=${rule.id}&state=cleared&limit=1`);
    expect(all.body).toMatchObject({ next: String(alarm.id), alarms: [{ id: alarm.id }] });
    const types = await db.sql<{ type: string }[]>`
      select body ->> 'type' as type from app.live_log where body -> 'alarm' ->> 'id' = ${String(alarm.id)} order by id`;
    expect(types.map(({ type }) => type)).toEqual(['alarm.raised', 'alarm.acknowledged', 'alarm.cleared']);
  });

  it('come with the most urgent first where that is asked for, however many newer ones there are', async () => {
    const { id, version } = await save(burst);
    const rows = [
      { originator: 'old red', severity: 1, seen: false },
      { originator: 'seen red', severity: 1, seen: true },
      { originator: 'blue', severity: 4, seen: false },
      { originator: 'new red', severity: 1, seen: false },
    ];
    for (const { originator, severity, seen } of rows) {
      await db.sql`
        insert into app.alarm (rule_id, version, originator, title_zh, title_en, severity, raised_at, last_at, evidence,
          acknowledged_at, acknowledged_by)
        values (${id}, ${version}, ${originator}, '警', 'Alarm', ${severity}, now(), now(), '{}',
          ${seen ? new Date() : null}, ${seen ? 'staff' : null})`;
    }
    const first = async (query: string) => {
      const { body } = await send<AlarmList>('GET', `/api/alarms?rule=${id}&${query}`);
      return { ...body, alarms: body.alarms.map(({ originator }) => originator) };
    };
    expect(await first('order=urgent')).toMatchObject({
      alarms: ['new red', 'old red', 'blue', 'seen red'],
      open: 4,
      unacknowledged: 3,
    });
    expect(await first('order=urgent&limit=2')).toMatchObject({ alarms: ['new red', 'old red'], next: null });
    expect((await first('limit=2')).alarms).toEqual(['new red', 'blue']);
    expect((await send('GET', '/api/alarms?order=oldest')).status).toBe(400);
  });

  it('that do not exist are not found', async () => {
    for (const act of ['acknowledge', 'clear']) {
      expect(await send('POST', `/api/alarms/99999999/${act}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'ALARM_NOT_FOUND' } },
      });
    }
  });
});

describe('garbage is refused, naming the field', () => {
  const without = (key: string) => Object.fromEntries(Object.entries(threshold).filter(([name]) => name !== key));
  const fence = {
    ...threshold,
    kind: 'geofence',
    watch: { of: 'incidents' },
    on: 'enter',
    area: { bbox: [113, 23, 114, 24] },
  };
  const { is: _is, limit: _limit, hold: _hold, ...geofence } = fence;
  it.each<[string, object]>([
    ['rule.kind', { ...threshold, kind: 'nonsense' }],
    ['rule.kind', without('kind')],
    ['rule.limit', without('limit')],
    ['rule.limit', { ...threshold, limit: '3.5' }],
    ['rule.limit', { ...threshold, limit: 1e300 }],
    ['rule.severity', { ...threshold, severity: 0 }],
    ['rule.severity', { ...threshold, severity: 5 }],
    ['rule.hold', { ...threshold, hold: -1 }],
    ['rule.hold', { ...threshold, hold: 1.5 }],
    ['rule.clear', { ...threshold, clear: 4 }],
    ['rule.name.zh', { ...threshold, name: { zh: '', en: 'x' } }],
    ['rule.title.en', { ...threshold, title: { zh: 'x' } }],
    ['rule.watch.of', { ...threshold, watch: { of: 'dreams', metric: 'level_m' } }],
    ['rule.watch.layer', { ...threshold, watch: { of: 'sensors', metric: 'level_m' } }],
    ['rule.watch.layer', { ...threshold, watch: { of: 'sensors', layer: 'no_such', metric: 'level_m' } }],
    ['rule.watch.layer', { ...threshold, watch: { of: 'sensors', layer: 'bus_stop', metric: 'level_m' } }],
    ['rule.watch.filter', { ...threshold, watch: { ...threshold.watch, filter: {} } }],
    ['rule.watch.ids.1', { ...threshold, watch: { ...threshold.watch, ids: [SENSORS[0], 'no:such'] } }],
    ['rule.watch.metric', { ...threshold, watch: { ...threshold.watch, metric: 'taste' } }],
    ['rule.quiet.from', { ...threshold, quiet: { from: '25:00', to: '06:00' } }],
    ['rule.quiet.to', { ...threshold, quiet: { from: '06:00', to: '06:00' } }],
    ['rule.opens.category', { ...threshold, opens: { category: 'x', severity: 1 } }],
    ['rule.opens.category', { ...threshold, opens: { category: '99999', severity: 1 } }],
    [
      'rule.watch.filter.field',
      { ...burst, watch: { of: 'incidents', filter: { field: 'colour', op: '=', value: 1 } } },
    ],
    [
      'rule.watch.filter.value',
      { ...burst, watch: { of: 'incidents', filter: { field: 'severity', op: '=', value: 'x' } } },
    ],
    ['rule.metres', { ...burst, per: 'near' }],
    ['rule.count', { ...burst, count: 1 }],
    ['rule.on', { ...geofence, on: 'exit' }],
    ['rule.dwell', { ...geofence, on: 'dwell' }],
    ['rule.area', { ...geofence, area: { within: null } }],
    ['rule.area.within', { ...geofence, area: { within: { type: 'Polygon', coordinates: [square(113.1).slice(1)] } } }],
    ['rule.area.field', { ...geofence, area: { field: 'name', op: '=', value: 'x' } }],
  ])('%s of %j', async (field, rule) => {
    const { status, body } = await send<{ error: { code: string; field: string } }>('POST', '/api/rules', {
      rule,
      reason: 'x',
    });
    expect(status, JSON.stringify(body)).toBe(400);
    expect(body.error.field.startsWith(field), `${body.error.field} is not ${field}`).toBe(true);
  });

  it.each<[string, object]>([
    ['rule', { ...range }],
    ['rule', { rule: threshold, id: 1, ...range }],
    ['to', { rule: threshold, from: range.to, to: range.from }],
    ['from', { rule: threshold, from: 'yesterday', to: range.to }],
    ['from', { rule: threshold, from: '2999-01-01T00:00:00Z', to: '2999-01-02T00:00:00Z' }],
  ])('%s of a back-test', async (field, input) => {
    const { status, body } = await send<{ error: { field: string } }>('POST', '/api/rules/backtest', input);
    expect([status, body.error.field]).toEqual([400, field]);
  });

  it('a back-test of more than 31 days is too much', async () => {
    const { status, body } = await send('POST', '/api/rules/backtest', {
      rule: threshold,
      from: '2020-01-01T00:00:00Z',
      to: range.to,
    });
    expect([status, body]).toMatchObject([422, { error: { code: 'LIMIT_EXCEEDED', field: 'from' } }]);
  });
});
