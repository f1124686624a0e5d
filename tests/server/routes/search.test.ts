import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SearchResults } from '../../../server/contract/search.ts';
import type { Status } from '../../../server/contract/status.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import {
  lake as baseLake,
  lakes,
  resident as baseResident,
  residents,
  shop as baseShop,
  shops,
} from './layers-data.ts';

const shop = { ...baseShop, id: 'search_shop' };
const lake = { ...baseLake, id: 'search_lake' };
const resident = { ...baseResident, id: 'search_resident' };
/** Called as is asked for, and one whose rows bear the very name. */
const clinic = { ...baseLake, id: 'search_clinic', title: { zh: '综合医院', en: 'General hospital' } };
const sign = { ...baseLake, id: 'search_sign', title: { zh: '路牌', en: 'Signs' } };
const OURS = 'search_shop,search_lake';

let db: Database;
let api: TestApi;

async function search(
  parameters: Record<string, string | number | undefined>,
  headers = STAFF,
): Promise<SearchResults> {
  const response = await api.get(`/api/search${query(parameters)}`, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as SearchResults;
}

const titles = ({ groups }: SearchResults): string[] =>
  groups.filter(({ group }) => group !== 'layer').flatMap(({ hits }) => hits.map(({ title }) => title.zh));

async function found(headers = {}): Promise<Status['search']> {
  return ((await (await api.get('/api/status', headers)).json()) as Status).search;
}

async function untilIndexed(layers: string, purpose?: string): Promise<void> {
  await expect
    .poll(async () => (await search({ q: '测试', layers, purpose })).pending, { timeout: 50_000 })
    .toEqual([]);
}

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, shop, shops);
  await publishFixture(db, lake, lakes);
  await publishFixture(db, resident, residents);
  await publishFixture(db, clinic, [{ ...lakes[0]!, name: '祖庙综合医院分院' }]);
  await publishFixture(db, sign, [{ ...lakes[1]!, name: '综合医院' }]);
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [shop, lake, resident, clinic, sign]) await removeFixture(db, layer);
});

describe('the status', () => {
  it('says how much of it is found yet, of the layers a caller may see', async () => {
    const before = await found(STAFF);
    expect(before.rows).toBe(0);
    expect(before.pending).toBeGreaterThanOrEqual(5);
    expect((await found()).pending).toBeLessThan(before.pending);
    await untilIndexed(`${OURS},${resident.id}`, 'a test');
    const [all, open] = [await found(STAFF), await found()];
    expect(all.pending).toBeLessThanOrEqual(before.pending - 3);
    expect(all.rows - open.rows).toBeGreaterThanOrEqual(residents.length);
    expect(open.rows).toBeGreaterThanOrEqual(lakes.length);
  });
});

describe('GET /api/search', () => {
  it('finds rows by name, code and reading, in groups', async () => {
    await untilIndexed(OURS);
    const byName = await search({ q: '𠮷野家 120', layers: OURS });
    expect(byName.groups[0]).toMatchObject({ group: 'enterprise', title: { zh: '企业', en: 'Enterprises' } });
    expect(byName.groups[0]?.hits[0]).toMatchObject({
      layer: shop.id,
      layerTitle: { zh: '法人企业', en: 'Enterprise' },
      fid: 121,
      title: { zh: '𠮷野家 120' },
      position: [expect.closeTo(shops[120]?.at?.[0] ?? 0, 6), expect.closeTo(shops[120]?.at?.[1] ?? 0, 6)],
      match: { field: 'name', text: '𠮷野家 120', range: [0, 8] },
    });
    const byCode = await search({ q: '914406040000000777', layers: OURS });
    expect(byCode.groups[0]?.hits[0]).toMatchObject({ fid: 778, match: { field: 'uscc' } });
    expect(titles(await search({ q: 'gs777', layers: OURS }))[0]).toBe('公司 777');
    const lakeHit = (await search({ q: '湖 7', layers: lake.id })).groups.find(({ group }) => group === 'place')
      ?.hits[0];
    expect(lakeHit).toMatchObject({
      title: { zh: '湖 7' },
      bbox: [expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)],
    });
  });

  it('finds layers by title in both languages and by reading', async () => {
    for (const q of ['法人企业', 'frqy', 'Enterprise']) {
      const { groups } = await search({ q });
      expect(groups.find(({ group }) => group === 'layer')?.hits.map(({ layer }) => layer)).toContain('enterprise');
    }
  });

  it('puts what belongs to a layer that is called as was asked for before what bears its name', async () => {
    const layers = `${clinic.id},${sign.id}`;
    await untilIndexed(layers);
    const { groups } = await search({ q: '综合医院', layers });
    const hits = groups.find(({ group }) => group !== 'layer')?.hits.map(({ layer }) => layer);
    expect(hits).toEqual([clinic.id, sign.id]);
    // Asked for by more than the layer's title the row that fits best is first.
    const other = await search({ q: '分院', layers });
    expect(other.groups.find(({ group }) => group !== 'layer')?.hits.map(({ layer }) => layer)).toEqual([clinic.id]);
  });

  it('tells the public nothing of what it may not see', async () => {
    await untilIndexed(OURS);
    const forPublic = await search({ q: '𠮷野家' }, {} as typeof STAFF);
    expect(JSON.stringify(forPublic)).not.toContain('search_shop');
    expect(JSON.stringify(await search({ q: '法人企业' }, {} as typeof STAFF))).not.toContain('法人企业');
    expect((await api.get('/api/search?q=x&layers=search_shop')).status).toBe(404);
  });

  it('puts what is near first', async () => {
    await untilIndexed(OURS);
    const far = shops[1501]?.at ?? [0, 0];
    const { groups } = await search({ q: '公司', layers: OURS, near: far.join(','), limit: 50 });
    const distances =
      groups[0]?.hits.map(({ position }) => Math.hypot((position?.[0] ?? 9) - far[0], (position?.[1] ?? 9) - far[1])) ??
      [];
    expect(distances.length).toBe(50);
    const mean = distances.reduce((sum, each) => sum + each, 0) / 50;
    expect(distances[0]).toBeLessThan(mean);
  });

  it('finds people only for staff who say what for, masked, and notes it', async () => {
    const purpose = `走失老人协查 ${Date.now()}`;
    expect(
      (await search({ q: '欧阳修远', layers: resident.id })).groups.filter(({ group }) => group !== 'layer'),
    ).toEqual([]);
    expect((await api.get(`/api/search${query({ q: '欧阳修远', purpose })}`)).status).toBe(403);
    await untilIndexed(resident.id, purpose);
    const found = await search({ q: '欧阳修远', layers: resident.id, purpose });
    const hit = found.groups[0]?.hits[0];
    expect(found.groups[0]?.group).toBe('person');
    expect(hit).toMatchObject({ title: { zh: '欧阳**' }, match: { text: '欧阳**', range: null } });
    expect(JSON.stringify(found)).not.toContain('修远');
    const audited = await db.sql<{ detail: { q: string }; role: string }[]>`
      select detail, role from app.audit where action = 'search.people' and purpose = ${purpose}`;
    expect(audited.map(({ detail }) => detail.q)).toContain('欧阳修远');
  });

  it('follows a new load, and never answers rows of the one before', async () => {
    await untilIndexed(OURS);
    await publishFixture(
      db,
      lake,
      lakes.map((row, index) => ({ ...row, name: `新湖 ${index}` })),
    );
    await expect
      .poll(
        async () => {
          const answer = await search({ q: '新湖 7', layers: lake.id });
          // Either the new row or none at all.
          if (titles(answer).some((title) => !title.startsWith('新湖'))) return 'old';
          return titles(answer)[0] ?? 'none';
        },
        { timeout: 20_000 },
      )
      .toBe('新湖 7');
  });

  it('answers 304, and refuses what is no text', async () => {
    const path = `/api/search${query({ q: '𠮷野家 120', layers: OURS })}`;
    const tag = (await api.get(path, STAFF)).headers.get('ETag') ?? '';
    expect((await api.get(path, { ...STAFF, 'If-None-Match': tag })).status).toBe(304);
    expect((await api.get('/api/search?q=', STAFF)).status).toBe(400);
    expect((await api.get('/api/search?q=%00', STAFF)).status).toBe(400);
    expect((await api.get('/api/search?q=x&near=1', STAFF)).status).toBe(400);
    expect((await search({ q: '，。！', layers: OURS })).groups).toEqual([]);
  });
});
