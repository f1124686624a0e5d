import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import type { RouteAnswer } from '../../../server/analysis/contract.ts';
import type { Database } from '../../../server/db/connect.ts';
import { findCategory } from '../../../server/incidents/categories.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { cardLayers } from '../../../server/situation/card-layers.ts';
import type { NearbyItem, SituationCard } from '../../../server/situation/contract.ts';
import { testDatabase } from '../../support/database.ts';
import { until } from '../../support/event-stream.ts';
import { makeIncident } from '../../support/incidents.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import { cell, fixtures, offset, place, RADIUS, staffRows } from './situation-data.ts';

const PUBLIC: Record<string, string> = {};
const DAY = 86_400_000;
const CATEGORY = 'Z0901';

let db: Database;
let api: TestApi;
/** The incident the card is about, and all that were made here. */
let incident: number;
let made: number[];

beforeAll(async () => {
  db = await testDatabase();
  for (const [layer, rows] of fixtures) await publishFixture(db, layer, rows, false);
  const now = Date.now();
  const at = (category: string, [lon, lat]: [number, number], age: number) =>
    makeIncident({
      category: findCategory(category)!,
      lon,
      lat,
      grid: cell.grid_code!,
      community: cell.community_code!,
      town: cell.town_code!,
      occurredAt: now - age * DAY - 1000,
      receivedAt: now - age * DAY,
    });
  const stored = await ingestBatch(db.sql, [
    at(CATEGORY, [place[0], place[1]], 0),
    at(CATEGORY, offset(50, 20), 1),
    at('06010', offset(-30, 60), 2),
    // Over: lately, and too long ago.
    at(CATEGORY, offset(80, -20), 10),
    at('06010', offset(90, -20), 20),
    at(CATEGORY, offset(10, -20), 45),
    // Restricted, and outside of the circle.
    at('Z0101', offset(0, 110), 3),
    at(CATEGORY, offset(0, 260), 3),
  ]);
  made = stored.map(({ id }) => id);
  incident = made[0]!;
  await db.sql`update app.incident set state = 'closed', closed_at = now() where id = any (${made.slice(3, 6)}::int8[])`;
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  await db.sql`delete from app.incident where id = any (${made}::int8[])`;
  for (const [layer] of fixtures) await removeFixture(db, layer);
});

async function ask(path: string, headers: Record<string, string> = STAFF): Promise<SituationCard> {
  const response = await api.get(path, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as SituationCard;
}
const card = (headers: Record<string, string> = STAFF, radius = RADIUS) =>
  ask(`/api/incidents/${incident}/situation?radius=${radius}`, headers);

/** Asks the database itself, by distance on the ellipsoid. */
async function count(layer: string, condition = 'true'): Promise<number> {
  const [row] = await db.sql.unsafe<[{ n: number }]>(
    `select count(*)::int4 as n from layers.${layer}
     where st_dwithin(geom::geography, st_setsrid(st_makepoint(${place[0]}, ${place[1]}), 4326)::geography, ${RADIUS}) and ${condition}`,
  );
  return row.n;
}

function itemOf(items: readonly NearbyItem[], layer: string): NearbyItem {
  const found = items.find((each) => each.layer === layer);
  expect(found, layer).toBeDefined();
  return found!;
}

describe('people', () => {
  it('are counted as the database counts them, by age and sex', async () => {
    const { people } = await card();
    const [item] = people.items;
    expect(item).toMatchObject({ layer: 'person', k: 5, total: await count('person') });
    const { ages } = item!;
    let shown = 0;
    for (const { from, to, totals } of ages!.bands) {
      for (const [index, { value }] of ages!.values.entries()) {
        const years = `extract(year from age((now() at time zone 'Asia/Shanghai')::date, birth_date))`;
        const expected = await count('person', `sex = '${value}' and ${years} >= ${from} and ${years} <= ${to ?? 200}`);
        const total = totals[index];
        if (total !== null) {
          expect([from, value, total]).toEqual([from, value, expected]);
          expect(total === 0 || total! >= 5).toBe(true);
          shown += total!;
        } else expect(expected).toBeGreaterThan(0);
      }
    }
    expect(shown).toBeGreaterThan(100);
  });

  it('under care are told where they are enough, and withheld where they are few', async () => {
    const { care } = await card();
    const total = (layer: string) => care.items.find((each) => each.layer === layer)?.total;
    expect(total('elderly_alone')).toBe(await count('elderly_alone'));
    expect(await count('disabled_person')).toBe(4);
    expect(total('disabled_person')).toBeNull();
  });

  it('are never named', async () => {
    const text = JSON.stringify(await card());
    for (const secret of ['欧阳修远', '司徒雷登', '司马相如', '梁小明', '13912345678', 'WG90001', 'WG9000']) {
      expect(text.includes(secret), secret).toBe(false);
    }
  });
});

describe('enterprises', () => {
  it('are counted by industry as the database counts them', async () => {
    const { enterprises } = await card();
    const [item] = enterprises.items;
    expect(item?.total).toBe(await count('enterprise', `status = 'active'`));
    const groups = Object.fromEntries(item!.groups[0]!.values.map(({ value, total }) => [value, total]));
    for (const section of ['C', 'F', 'H']) {
      expect(groups[section]).toBe(await count('enterprise', `status = 'active' and industry_section = '${section}'`));
    }
  });
});

const NAMED = ['hazchem_enterprise', 'elevator', 'video_camera', 'fire_hydrant', 'emergency_shelter', 'hospital'];

describe.each(NAMED)('%s', (id) => {
  it('is counted inside, and told from the nearest on', async () => {
    const { risks, facilities } = await card();
    const rule = cardLayers.find(({ layer }) => layer === id)!;
    if (rule.show === 'inside') throw new Error('is told by name');
    const item = itemOf([...risks.items, ...facilities.items], id);
    const where = rule.where === undefined ? 'true' : `${rule.where.field} = '${rule.where.value}'`;
    expect(item.total).toBe(await count(id, where));
    const expected = await db.sql.unsafe<{ fid: number; metres: number }[]>(
      `select fid, st_distance(geom::geography, st_setsrid(st_makepoint(${place[0]}, ${place[1]}), 4326)::geography) as metres
       from layers.${id} where ${where} order by 2, 1`,
    );
    const nearest = expected.filter(({ metres }) => metres <= rule.within).slice(0, rule.list);
    expect(nearest.length).toBeGreaterThan(0);
    expect(item.rows.map(({ fid }) => fid)).toEqual(nearest.map(({ fid }) => fid));
    item.rows.forEach(({ metres, inside, facts }, index) => {
      expect(metres).toBeCloseTo(nearest[index]!.metres, 0);
      expect(inside).toBe(nearest[index]!.metres <= RADIUS);
      expect(facts.map(({ field }) => field)).toEqual(rule.tell);
    });
  });
});

describe('pipes', () => {
  it('are measured inside, and the nearest is told with its distance', async () => {
    const gas = itemOf((await card()).pipes.items, 'gas_pipe');
    expect(gas.total).toBe(1);
    expect(gas.metresInside).toBeGreaterThan(398);
    expect(gas.metresInside).toBeLessThan(401);
    expect(gas.rows).toHaveLength(1);
    expect(gas.rows[0]).toMatchObject({ inside: true, name: 'RQ000001' });
    expect(gas.rows[0]!.metres).toBeLessThan(1);
  });

  it('that only pass near are no metres inside', async () => {
    const shape = { kind: 'circle', center: offset(0, 150), metres: 100 };
    const response = await api.send('POST', '/api/situation', JSON.stringify({ shape }), STAFF);
    const gas = itemOf(((await response.json()) as SituationCard).pipes.items, 'gas_pipe');
    expect(gas).toMatchObject({ total: 0, metresInside: 0 });
    expect(gas.rows[0]!.metres / 150).toBeCloseTo(1, 2);
  });
});

describe('grid staff', () => {
  it('on shift are told, the soonest by road first, with the time a route takes', async () => {
    // Who asks first does not wait for the roads.
    await card();
    const { staff } = await card();
    expect(staff.roads?.layer).toBe('road_centerline');
    expect(staff.rows.map(({ name }) => name)).toEqual(['欧阳**', '梁**', '冼**', '何**']);
    expect(staff.rows.every(({ onShift }) => onShift)).toBe(true);
    for (const row of staff.rows.slice(0, 2)) {
      const body = JSON.stringify({ points: [row.at, place], mode: 'drive' });
      const route = (await (await api.send('POST', '/api/analysis/route', body, STAFF)).json()) as RouteAnswer;
      expect(row.seconds! / route.seconds).toBeCloseTo(1, 1);
    }
    // 700 m off the road.
    expect(staff.rows.find(({ name }) => name === '何**')?.seconds).toBeNull();
  });

  it('are not on shift when the rota says so', async () => {
    const now = Date.now();
    const shift = async (index: number, from: number, to: number) =>
      db.sql`insert into app.shift (staff, starts_at, ends_at, post, source)
        values (${String(staffRows[index]!['staff_id'])}, ${new Date(now + from)}, ${new Date(now + to)}, 'full_time', 'test')`;
    await shift(1, -7_200_000, -3_600_000);
    await shift(2, -3_600_000, 3_600_000);
    try {
      const names = (await card()).staff.rows.map(({ name }) => name);
      expect(names).not.toContain('梁**');
      expect(names).toContain('陈**');
    } finally {
      await db.sql`delete from app.shift where source = 'test'`;
    }
  });
});

describe('incidents', () => {
  it('nearby are counted as the database counts them, without the one itself', async () => {
    const { incidents } = await card();
    const [expected] = await db.sql<[{ open: number; past: number; same: number }]>`
      select (count(*) filter (where state = 'open'))::int4 as open, (count(*) filter (where state = 'closed'))::int4 as past,
        (count(*) filter (where category = ${CATEGORY}))::int4 as same
      from app.incident
      where id <> ${incident} and (state = 'open' or received_at > now() - interval '30 days')
        and st_dwithin(geom::geography, st_setsrid(st_makepoint(${place[0]}, ${place[1]}), 4326)::geography, ${RADIUS})`;
    expect(incidents).toMatchObject({
      open: expected.open,
      past: expected.past,
      sameCategory: expected.same,
      days: 30,
    });
    expect(expected).toEqual({ open: 3, past: 2, same: 2 });
    expect(incidents.rows.map(({ incident: { id } }) => id)).toEqual([made[1], made[3], made[2], made[6], made[4]]);
    expect(incidents.rows.map(({ sameCategory }) => sameCategory)).toEqual([true, true, false, false, false]);
  });

  it('that are restricted are nothing to the public', async () => {
    const { incidents } = await card(PUBLIC);
    expect(incidents).toMatchObject({ open: 2, past: 2, sameCategory: 2 });
  });
});

describe('weather', () => {
  it('has the warnings in force here, and the nearest gauge', async () => {
    const { weather } = await card();
    expect(itemOf(weather.items, 'weather_warning').rows.map(({ name }) => name)).toEqual(['暴雨橙色预警 0']);
    const gauge = itemOf(weather.items, 'rain_gauge').rows[0]!;
    expect(gauge.time).toBe('2026-11-27T01:02:03.000Z');
    expect(gauge.facts.find(({ field }) => field === 'rain_1h_mm')?.unit).toBe('mm');
  });
});

describe('responsible', () => {
  it('are the micro-grid with its leader and staff, community, town, and the departments of the category', async () => {
    const { responsible } = await card();
    expect(responsible.grids).toMatchObject([{ code: cell.grid_code, name: '测试网格', leader: '司马**' }]);
    expect(responsible.communities).toMatchObject([{ code: cell.community_code, name: '文南社区', leader: null }]);
    expect(responsible.towns).toMatchObject([{ code: cell.town_code, name: '祖庙街道' }]);
    expect(responsible.staff.map(({ name }) => name)).toEqual(['欧阳**', '梁**', '陈**', '何**']);
    expect(responsible.departments).toMatchObject([{ id: 'emergency', lead: true }]);
  });
});

describe('what one may not see', () => {
  it('is left out for the public, also of what is missing', async () => {
    const hidden = fixtures.map(([layer]) => layer).filter(({ sensitivity }) => sensitivity !== 'public');
    const shown = await card(PUBLIC);
    expect(shown.people.items).toEqual([]);
    expect(shown.care.items).toEqual([]);
    expect(shown.staff.rows).toEqual([]);
    expect(shown.responsible).toMatchObject({ grids: [], staff: [] });
    const text = JSON.stringify(shown);
    for (const { id } of hidden) expect(text.includes(`"${id}"`), id).toBe(false);
    expect(shown.missing.every(({ layer }) => getLayer(layer).sensitivity === 'public')).toBe(true);
    expect(itemOf(shown.facilities.items, 'hospital').rows.length).toBeGreaterThan(0);
  });

  it('is a restricted incident, which is answered like none', async () => {
    const path = `/api/incidents/${made[6]}/situation`;
    expect((await api.get(path, PUBLIC)).status).toBe(404);
    expect((await api.get(path, STAFF)).status).toBe(200);
  });

  it('is said to be missing when it was never loaded', async () => {
    // Other tests of the run may have loaded it.
    const [kept] = await db.sql<{ row: string }[]>`
      delete from app.layer_state s where layer_id = 'needy_child' returning row_to_json(s)::text as row`;
    try {
      await db.sql`select pg_notify('layers', 'needy_child')`;
      await until('the catalogue', async () => (await card()).missing.some(({ layer }) => layer === 'needy_child'));
      const { missing } = await card();
      expect(missing).toContainEqual({ layer: 'needy_child', title: getLayer('needy_child').title, section: 'care' });
      expect(missing.some(({ layer }) => layer === 'hospital')).toBe(false);
    } finally {
      if (kept) {
        await db.sql`
          insert into app.layer_state select * from json_populate_record(null::app.layer_state, ${kept.row}::text::json)`;
        await db.sql`select pg_notify('layers', 'needy_child')`;
      }
    }
  });
});

describe('shapes', () => {
  it('have the card of an incident, when they are its circle', async () => {
    const shape = { kind: 'circle', center: place, metres: RADIUS };
    const body = JSON.stringify({ shape, category: CATEGORY });
    const drawn = (await (await api.send('POST', '/api/situation', body, STAFF)).json()) as SituationCard;
    const of = await card();
    expect(drawn.people.items).toEqual(of.people.items);
    expect(drawn.facilities.items).toEqual(of.facilities.items);
    // No incident is left out here.
    expect(drawn.incidents.open).toBe(of.incidents.open + 1);
    expect(drawn.responsible).toEqual({ ...of.responsible, ms: drawn.responsible.ms });
  });

  it('may be a cell', async () => {
    const body = JSON.stringify({ shape: { kind: 'cell', code: cell.grid_code } });
    const drawn = (await (await api.send('POST', '/api/situation', body, STAFF)).json()) as SituationCard;
    expect(drawn.radius).toBeNull();
    const [row] = await db.sql<[{ n: number }]>`
      select count(*)::int4 as n from layers.fire_hydrant where grid_code = ${cell.grid_code!}`;
    expect(itemOf(drawn.facilities.items, 'fire_hydrant').total).toBe(row.n);
    expect(drawn.responsible.departments).toEqual([]);
  });

  it.each([
    [{ shape: { kind: 'circle', center: [113.06, 23.01], metres: 9000 } }, 422, 'LIMIT_EXCEEDED', 'shape'],
    [
      { shape: { kind: 'circle', center: [113.06, 23.01], metres: 90 }, category: 'X' },
      422,
      'UNKNOWN_CATEGORY',
      'category',
    ],
    [{ shape: { kind: 'circle', center: [113.06, 23.01], metres: 0 } }, 400, 'BODY_INVALID', 'shape.metres'],
    [{ shape: { kind: 'feature', layer: 'hospital', fid: 999, metres: 5 } }, 404, 'FEATURE_NOT_FOUND', 'shape'],
  ])('refuses %j', async (body, status, code, field) => {
    const response = await api.send('POST', '/api/situation', JSON.stringify(body), STAFF);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, field } });
  });

  it.each(['0', '2001', '-1', 'x', '1e3', '1.5'])('refuses a radius of %s', async (radius) => {
    const response = await api.get(`/api/incidents/${incident}/situation?radius=${radius}`, STAFF);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'PARAMETER_INVALID', field: 'radius' } });
  });
});

it('says how long each section took, and stands when one fails', async () => {
  const before = await card();
  for (const section of [before.people, before.risks, before.staff, before.incidents, before.responsible]) {
    expect(section.error).toBeNull();
    expect(section.ms).toBeGreaterThan(0);
    expect(section.ms).toBeLessThanOrEqual(before.ms);
  }
  await db.sql`alter table layers.fire_hydrant rename to fire_hydrant_away`;
  try {
    const { facilities, risks, people } = await card();
    expect(facilities).toMatchObject({ items: [], error: 'INTERNAL' });
    expect(risks.items).toEqual(before.risks.items);
    expect(people.items).toEqual(before.people.items);
    expect(api.logged.some((line) => line.includes('facilities'))).toBe(true);
  } finally {
    await db.sql`alter table layers.fire_hydrant_away rename to fire_hydrant`;
  }
});
