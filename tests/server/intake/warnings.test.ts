import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCap } from '../../../server/alerts/read-cap.ts';
import type { Alert, AlertPreview } from '../../../server/contract/alerts.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF } from '../api-fixture.ts';
import { HERE, run, setUpIntake, type Failure, type IntakeSetup } from './intake-data.ts';

let it: IntakeSetup;
let grids: { grid: string; community: string; town: string }[];
beforeAll(async () => {
  it = await setUpIntake(await testDatabase());
  grids = await it.sql`select grid_code as grid, community_code as community, town_code as town
    from layers.governance_grid order by grid_code`;
});
afterAll(() => it.close());

const warning = (changes: object = {}) => ({
  event: { zh: '暴雨', en: 'Rainstorm' },
  headline: { zh: `暴雨红色预警-${run}`, en: 'Red rainstorm warning' },
  severity: 1,
  category: ['Met'],
  urgency: 'Expected',
  certainty: 'Likely',
  expires: new Date(Date.now() + 3_600_000).toISOString(),
  areas: [{ description: { zh: '全区', en: 'Whole district' } }],
  ...changes,
});
const area = (cells: object) => ({ areas: [{ description: { zh: '某地', en: 'Somewhere' }, cells }] });

async function send<T>(path: string, body: object, headers: Record<string, string> = STAFF): Promise<[number, T]> {
  const answer = await it.api.send('POST', path, JSON.stringify(body), headers);
  return [answer.status, (await answer.json()) as T];
}
const count = async () => (await it.sql<{ n: number }[]>`select count(*)::int as n from app.alert`)[0]?.n;

/** Whether a place lies in a ring: crossings of a ray. */
function isIn([x, y]: [number, number], ring: readonly [number, number][]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [ring[i]!, ring[j]!];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

describe('a warning that staff write', () => {
  test('is seen as a message of CAP before it is issued, which reads back as what was written', async () => {
    const before = await count();
    const town = grids[0]?.town ?? '';
    const body = warning({ ...area({ by: 'town', codes: [town] }), instruction: { zh: '勿外出', en: 'Stay in' } });
    const [status, preview] = await send<AlertPreview>('/api/alerts/preview', body);
    expect([status, preview]).toMatchObject([200, { towns: [town], cap: expect.stringContaining('<alert') }]);
    // Held against the schema and the standard by our own reader.
    const read = readCap(preview.cap, Date.now() + 1000);
    expect(read).toMatchObject({ severity: 1, msgType: 'Alert', instruction: { zh: '勿外出', en: 'Stay in' } });
    expect(read.areas[0]?.geocodes).toEqual([
      ['adcode', '440604'],
      ['town', town],
    ]);
    expect(read.areas[0]?.polygons).toEqual(preview.areas[0]?.polygons);
    expect(await count()).toBe(before);
    expect((await send('/api/alerts/preview', body, {}))[0]).toBe(403);
  });

  test('holds exactly in the cells it names', async () => {
    const [inside] = await it.sql<{ grid: string; community: string; town: string; lon: number; lat: number }[]>`
      select grid_code as grid, community_code as community, town_code as town,
        st_x(st_centroid(geom)) as lon, st_y(st_centroid(geom)) as lat
      from layers.governance_grid where st_intersects(geom, st_setsrid(st_makepoint(${HERE.lon}, ${HERE.lat}), 4326)) limit 1`;
    const others = await it.sql<{ town: string; lon: number; lat: number }[]>`
      select town_code as town, st_x(st_centroid(geom)) as lon, st_y(st_centroid(geom)) as lat
      from layers.governance_grid where grid_code <> ${inside?.grid ?? ''}`;
    for (const by of ['grid', 'community', 'town'] as const) {
      const code = inside?.[by] ?? '';
      const [status, preview] = await send<AlertPreview>('/api/alerts/preview', warning(area({ by, codes: [code] })));
      expect([by, status]).toEqual([by, 200]);
      const rings = preview.areas[0]?.polygons ?? [];
      expect(rings.some((ring) => isIn([inside?.lon ?? 0, inside?.lat ?? 0], ring))).toBe(true);
      for (const other of others.filter(({ town }) => town !== inside?.town))
        expect(rings.some((ring) => isIn([other.lon, other.lat], ring))).toBe(false);
      expect(rings.every((ring) => JSON.stringify(ring[0]) === JSON.stringify(ring.at(-1)))).toBe(true);
    }
  });

  test('the same sent twice is one warning; who issued it is in the audit', async () => {
    const body = warning({ id: crypto.randomUUID() });
    const [status, alert] = await send<Alert>('/api/alerts', body);
    expect(status).toBe(201);
    expect(await send<Alert>('/api/alerts', body)).toEqual([200, alert]);
    expect(await send<Failure>('/api/alerts', { ...body, severity: 2 })).toMatchObject([
      409,
      { error: { code: 'KEY_REUSED' } },
    ]);
    const [updated, next] = await send<Alert>('/api/alerts', warning({ replaces: [alert.id], severity: 3 }));
    expect([updated, next.msgType]).toEqual([201, 'Update']);
    await send('/api/alerts/' + next.id + '/cancel', {});
    const rows = await it.sql<{ purpose: string; detail: object }[]>`
      select purpose, detail from app.audit where action = 'alert' and purpose like ${`%${run}%`} order by audit_id`;
    expect(rows.map(({ purpose }) => purpose.split(' ')[0])).toEqual(['Alert', 'Update', 'Cancel']);
    expect(rows[0]?.detail).toMatchObject({ alert: alert.id, severity: 1, name: 'staff' });
  });

  test.each([
    [{ expires: '2020-01-01T00:00:00Z' }, 400, 'expires'],
    [{ onset: '2099-01-01T00:00:00Z' }, 400, 'onset'],
    [area({ by: 'town', codes: ['440604999000'] }), 400, 'areas.0.cells.codes'],
    [area({ by: 'town', codes: [] }), 400, 'areas.0.cells.codes'],
    [area({ by: 'house', codes: ['440604999000'] }), 400, 'areas.0.cells.by'],
    [{ severity: 0 }, 400, 'severity'],
    [{ areas: [{ description: { zh: '海', en: 'Sea' }, circles: [[0, 0, 1]] }] }, 422, 'area'],
  ])('%j is refused and says where: %i %s', async (changes, wanted, field) => {
    for (const path of ['/api/alerts', '/api/alerts/preview']) {
      const [status, { error }] = await send<Failure>(path, warning(changes));
      expect([status, error.field]).toEqual([wanted, field]);
    }
  });
});
