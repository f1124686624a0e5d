import { join, resolve } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDelivery } from '../../../etl/load.ts';
import { rejectCodes } from '../../../etl/checks/codes.ts';
import { tableName } from '../../../layers/ddl.ts';
import { getLayer, layers } from '../../../layers/index.ts';
import type {
  ErrorBody,
  LoadDetail,
  LoadList,
  Quality,
  RejectedRow,
  RejectList,
  RejectPlaces,
} from '../../../server/app.ts';
import { createRejectFile } from '../../../server/reject-file.ts';
import { loadedDistrict, districtScale, type LoadedDistrict } from '../../support/district.ts';
import { testTarget } from '../../support/database.ts';
import { query, STAFF, STAFF_TOKEN, testApi, type TestApi } from '../api-fixture.ts';

let district: LoadedDistrict;
let api: TestApi;
beforeAll(async () => {
  district = await loadedDistrict();
  const { url, dataDir } = { url: undefined, dataDir: undefined, ...testTarget() };
  const environment: Record<string, string> = { DATABASE_URL: url ?? '' };
  if (dataDir !== undefined) environment['DATA_DIR'] = dataDir;
  api = testApi(district.db, {
    rejectFile: createRejectFile({ root: resolve(import.meta.dirname, '../../..'), environment }),
  });
});
afterAll(() => api.close());

async function staff<T>(path: string): Promise<T> {
  const response = await api.get(path, STAFF);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

async function failure(path: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const response = await api.get(path, headers);
  return [response.status, ((await response.json()) as ErrorBody).error.code];
}

async function liveLoad(layer: string): Promise<number> {
  const { sql } = district.db;
  const [row] = await sql<{ load: number }[]>`select load_id as load from app.layer_state where layer_id = ${layer}`;
  return row!.load;
}

async function audits() {
  return await district.db.sql<Record<string, unknown>[]>`
      select role, token, action, layer_id, load_id, purpose, detail from app.audit order by audit_id`;
}

async function whole(): Promise<Quality> {
  for (let round = 0; round < 30; round++) {
    const quality = await staff<Quality>('/api/quality');
    if (quality.pending === 0) return quality;
  }
  throw new Error('the cells were never counted');
}

describe('GET /api/loads', () => {
  it('has every load, newest first, page by page', async () => {
    const { sql } = district.db;
    const stored = await sql<{ id: number; rows_in: number; rows_accepted: number; rows_quarantined: number }[]>`
      select load_id as id, rows_in, rows_accepted, rows_quarantined from app.load
      where layer_id = any(${layers.map(({ id }) => id)}::text[]) order by load_id desc`;
    const listed: LoadList['loads'] = [];
    let cursor: string | null = null;
    do {
      const page: LoadList = await staff(`/api/loads${query({ limit: 7, cursor: cursor ?? undefined })}`);
      expect(page.loads.length).toBeLessThanOrEqual(7);
      listed.push(...page.loads);
      cursor = page.next;
    } while (cursor !== null);
    // Layers of users that other tests made are listed too.
    const own = listed.filter(({ layer }) => layers.some(({ id }) => id === layer));
    expect(own.map(({ id, rows }) => [id, rows.in, rows.accepted, rows.quarantined])).toEqual(
      stored.map((row) => [row.id, row.rows_in, row.rows_accepted, row.rows_quarantined]),
    );
    for (const { status, rows } of own) {
      if (status === 'published') expect(rows.accepted + rows.quarantined).toBe(rows.in);
    }
  });

  it('is narrowed by layer, department and status', async () => {
    const { loads } = await staff<LoadList>('/api/loads?layer=hospital');
    expect(new Set(loads.map(({ layer }) => layer))).toEqual(new Set(['hospital']));
    expect(loads.find(({ live }) => live)?.id).toBe(await liveLoad('hospital'));
    const ofDepartment = await staff<LoadList>('/api/loads?department=health&limit=200');
    expect(ofDepartment.loads.every(({ layer }) => getLayer(layer).department === 'health')).toBe(true);
    const failed = await staff<LoadList>('/api/loads?status=failed&limit=200');
    expect(failed.loads.every(({ status, error }) => status === 'failed' && error !== null)).toBe(true);
    expect(await failure('/api/loads?status=lost', STAFF)).toEqual([400, 'PARAMETER_INVALID']);
    expect(await failure('/api/loads?cursor=x', STAFF)).toEqual([400, 'PARAMETER_INVALID']);
  });

  it('shows the public only what it may see, and says nothing of folders', async () => {
    const { loads } = (await (await api.get('/api/loads?limit=200')).json()) as LoadList;
    expect(loads.length).toBeGreaterThan(0);
    for (const { layer, file, error } of loads) {
      if (layers.some(({ id }) => id === layer)) expect(getLayer(layer).sensitivity).toBe('public');
      expect(file).not.toContain('/');
      expect(error?.text ?? null).toBeNull();
    }
    const person = await liveLoad('person');
    for (const path of ['', '/rejects', '/rejects/file?purpose=curiosity']) {
      expect(await failure(`/api/loads/${person}${path}`)).toEqual([404, 'LOAD_NOT_FOUND']);
    }
  });
});

describe('GET /api/loads/{id}', () => {
  it('counts what was set aside and repaired as the database does, with titles of the loader', async () => {
    const { sql } = district.db;
    for (const id of ['person', 'landuse_parcel', 'fire_station']) {
      const load = await liveLoad(id);
      const detail = await staff<LoadDetail>(`/api/loads/${load}`);
      const codes = await sql<{ code: string; count: number; placed: number }[]>`
        select code, count(*)::int as count, count(lon)::int as placed from app.reject where load_id = ${load} group by 1`;
      expect(Object.fromEntries(detail.rejects.map(({ code, count, placed }) => [code, [count, placed]]))).toEqual(
        Object.fromEntries(codes.map(({ code, count, placed }) => [code, [count, placed]])),
      );
      expect(detail.rejects.reduce((sum, { count }) => sum + count, 0)).toBe(detail.rows.quarantined);
      for (const { code, title } of detail.rejects) {
        expect(title).toEqual(rejectCodes[code as keyof typeof rejectCodes]);
      }
      const [repairs] = await sql<{ n: number }[]>`select count(*)::int as n from app.repair where load_id = ${load}`;
      expect(detail.repairs.reduce((sum, { count }) => sum + count, 0)).toBe(repairs!.n);
      expect(detail.steps.map(({ step }) => step)).toContain('publish');
      expect(detail.crsVerdict!.reasons.length).toBeGreaterThan(0);
      expect(detail.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

describe('GET /api/loads/{id}/rejects', () => {
  it('has every row once, masked', async () => {
    const { sql } = district.db;
    const load = await liveLoad('person');
    const stored = await sql<{ id: number; line: number; code: string; raw: Record<string, string> }[]>`
      select reject_id as id, line, code, raw from app.reject where load_id = ${load} order by reject_id`;
    const rows: RejectedRow[] = [];
    let cursor: string | null = null;
    do {
      const page: RejectList = await staff(
        `/api/loads/${load}/rejects${query({ limit: 4, cursor: cursor ?? undefined })}`,
      );
      expect(page.total).toBe(stored.length);
      rows.push(...page.rejects);
      cursor = page.next;
    } while (cursor !== null);
    expect(rows.map(({ id, line, code }) => ({ id, line, code }))).toEqual(
      stored.map(({ id, line, code }) => ({ id, line, code })),
    );

    const { columns = {} } = getLayer('person').source;
    const text = JSON.stringify(rows);
    // The words of a header or a footer are nobody's.
    for (const { raw, code } of stored) {
      if (code === 'REPEATED_HEADER' || code === 'FOOTER_ROW') continue;
      for (const name of ['person_id', 'name', 'id_no', 'birth_date', 'household_id', 'room_code']) {
        const value = raw[columns[name] ?? name] ?? '';
        // Where cells moved aside, the word of another column stands here.
        if (code === 'SHIFTED_COLUMNS' && !/\d{6}/.test(value)) continue;
        if (getLayer('person').fields[name]?.mask && value.length > 1)
          expect(text, `${name} of ${code}`).not.toContain(value);
      }
    }
    // What is not about the person stays readable, or nothing could be mended.
    const bad = rows.find(({ code, field }) => code === 'BAD_VALUE' && field?.name === 'sex')!;
    expect(bad.value).toBe('其他未知');
    expect(bad.message.en).toContain('expected one of');
    expect(bad.message.zh).not.toContain('expected');
    const misshapen = rows.find(({ code }) => code === 'ROW_SHAPE')!;
    expect(misshapen.raw.every(({ value }) => value === null || value === '' || value === '***')).toBe(true);
  });

  it('is narrowed by code, and is for staff', async () => {
    const load = await liveLoad('park');
    const { sql } = district.db;
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from app.reject where load_id = ${load} and code = 'BAD_VALUE'`;
    const { total, rejects } = await staff<RejectList>(`/api/loads/${load}/rejects?code=BAD_VALUE`);
    expect([total, rejects.length]).toEqual([row!.n, row!.n]);
    expect(await failure(`/api/loads/${load}/rejects`)).toEqual([403, 'FORBIDDEN']);
    expect(await failure(`/api/loads/${load}/rejects/file?purpose=curiosity`)).toEqual([403, 'FORBIDDEN']);
    expect(await failure(`/api/loads/${load}/rejects?code=drop`, STAFF)).toEqual([400, 'PARAMETER_INVALID']);
  });
});

describe('GET /api/rejects/places', () => {
  it('has the rows with a place of a load, a department, or all live loads', async () => {
    const { sql } = district.db;
    const ids = layers.filter(({ department }) => department === 'emergency').map(({ id }) => id);
    const expected = await sql<{ id: number; load: number; lon: number; lat: number }[]>`
      select reject_id as id, load_id as load, lon, lat from app.reject join app.layer_state using (load_id)
      where layer_id = any(${ids}::text[]) and lon is not null order by reject_id`;
    const places = await staff<RejectPlaces>('/api/rejects/places?department=emergency');
    const [west, south, east, north] = places.extent!;
    const isFar = ({ lon, lat }: { lon: number; lat: number }) =>
      lon < west || lat < south || lon > east || lat > north;
    expect(
      places.ids.map((id, i) => ({ id, load: places.loads[i], lon: places.lons[i], lat: places.lats[i] })),
    ).toEqual([...expected.filter(isFar), ...expected.filter((row) => !isFar(row))]);
    expect(places.outside).toBe(expected.filter(isFar).length);
    expect(places.outside).toBeGreaterThan(0);
    expect(places.placed).toBe(expected.length);
    expect(places.cut).toBe(false);
    expect(new Set(places.layers)).toEqual(new Set(ids.filter((id) => places.layers.includes(id))));
    const load = await liveLoad('fire_hydrant');
    const ofLoad = await staff<RejectPlaces>(`/api/rejects/places?load=${load}&code=BAD_TYPE`);
    expect(new Set(ofLoad.codes)).toEqual(new Set(['BAD_TYPE']));
    expect(ofLoad.loads.every((each) => each === load)).toBe(true);
    const all = await staff<RejectPlaces>('/api/rejects/places');
    expect(all.placed).toBeGreaterThan(places.placed);
    expect(all.total).toBeGreaterThan(all.placed);
  });
});

it('knows where rows lie that were refused for their place', async () => {
  const { sql } = district.db;
  const rows = await sql<{ code: string; lon: number | null; lat: number | null }[]>`
    select r.code, r.lon, r.lat from app.reject r join app.layer_state using (load_id) where layer_id = 'video_camera'`;
  const of = (code: string) => rows.filter((row) => row.code === code);
  // What is planted lies some 60 km to the north-east; with exchanged axes it belongs into the district.
  expect(of('OUTSIDE_DISTRICT').length).toBeGreaterThan(0);
  for (const { lon } of of('OUTSIDE_DISTRICT')) expect(lon).toBeGreaterThan(113.5);
  expect(of('SWAPPED_AXES').length).toBeGreaterThan(0);
  for (const { lon, lat } of of('SWAPPED_AXES')) {
    expect(lon).toBeGreaterThan(112.9);
    expect(lon).toBeLessThan(113.2);
    expect(lat).toBeGreaterThan(22.8);
    expect(lat).toBeLessThan(23.1);
  }
  expect(of('COARSE_COORDINATES').map(({ lon }) => lon === null)).not.toContain(true);
  // Zeros and words are no place.
  for (const code of ['ZERO_COORDINATES', 'BAD_COORDINATES'])
    expect(
      of(code).every(({ lon }) => lon === null),
      code,
    ).toBe(true);
});

describe('GET /api/loads/{id}/rejects/file', () => {
  it('hands out the format of the department, masked, and writes who, what for and what', async () => {
    const before = (await audits()).length;
    const load = await liveLoad('person');
    const response = await api.get(`/api/loads/${load}/rejects/file${query({ purpose: ' 退回公安分局更正 ' })}`, STAFF);
    expect(response.status).toBe(200);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('Content-Disposition')).toContain(`person-${load}-rejects.csv`);
    const text = iconv.decode(Buffer.from(await response.arrayBuffer()), 'gb18030');
    const rejected = await district.db.sql<{ raw: Record<string, string>; code: string }[]>`
      select raw, code from app.reject where load_id = ${load}`;
    expect(text.trimEnd().split('\r\n')).toHaveLength(rejected.length + 1);
    const { columns = {} } = getLayer('person').source;
    for (const { raw, code } of rejected) {
      if (code === 'REPEATED_HEADER') continue;
      const name = raw[columns['name'] ?? 'name'] ?? '';
      if (name.length > 1) expect(text).not.toContain(name);
    }
    const written = (await audits()).slice(before);
    expect(written).toEqual([
      {
        role: 'staff',
        token: expect.stringMatching(/^[0-9a-f]{12}$/) as unknown,
        action: 'rejects.file',
        layer_id: 'person',
        load_id: load,
        purpose: '退回公安分局更正',
        detail: { rows: rejected.length },
      },
    ]);
    expect(JSON.stringify(written)).not.toContain(STAFF_TOKEN);
  });

  it('hands out nothing without a purpose, and writes nothing then', async () => {
    const before = (await audits()).length;
    const load = await liveLoad('park');
    for (const purpose of ['', 'x', '   \t ', 'a'.repeat(501)]) {
      expect(await failure(`/api/loads/${load}/rejects/file${query({ purpose })}`, STAFF)).toEqual([
        400,
        'PARAMETER_INVALID',
      ]);
    }
    expect(await failure(`/api/loads/${load}/rejects/file`, STAFF)).toEqual([400, 'PARAMETER_INVALID']);
    expect(await failure(`/api/loads/${load}/rejects/file?purpose=curiosity`)).toEqual([403, 'FORBIDDEN']);
    expect(await audits()).toHaveLength(before);
  });

  it('says so when the shapes are in a file that is gone', async () => {
    const { sql } = district.db;
    const load = await liveLoad('park');
    const [row] = await sql<{ path: string }[]>`select source_file as path from app.load where load_id = ${load}`;
    await sql`update app.load set source_file = '/nowhere/park.geojson' where load_id = ${load}`;
    try {
      expect(await failure(`/api/loads/${load}/rejects/file?purpose=correction`, STAFF)).toEqual([409, 'SOURCE_GONE']);
    } finally {
      await sql`update app.load set source_file = ${row!.path} where load_id = ${load}`;
    }
    const response = await api.get(`/api/loads/${load}/rejects/file?purpose=correction`, STAFF);
    const { features } = (await response.json()) as { features: { geometry: unknown; properties: object }[] };
    expect(features.length).toBeGreaterThan(3);
    expect(features.filter(({ geometry }) => geometry !== null).length).toBeGreaterThan(3);
  });

  it('keeps the audit: its rows are neither changed nor removed', async () => {
    const { sql } = district.db;
    await expect(sql`delete from app.audit`).rejects.toThrow('neither changed nor removed');
    await expect(sql`update app.audit set purpose = 'something else'`).rejects.toThrow('neither changed nor removed');
  });
});

describe('GET /api/quality', () => {
  it('is over every layer that is loaded by rows, and says of each criterion what the database says', async () => {
    const quality = await whole();
    const expected = layers.filter(({ geometry }) => geometry !== 'raster').map(({ id }) => id);
    expect(quality.layers.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
    for (const id of ['person', 'hospital', 'landuse_parcel', 'city_component']) {
      const layer = getLayer(id);
      const { load, rows, values, score } = quality.layers.find((each) => each.id === id)!;
      const names = Object.keys(layer.fields);
      const [cells] = await district.db.sql.unsafe<{ rows: number; filled: number; located: number }[]>(
        `select count(*)::int as rows, (${names.map((name) => `count("${name}")`).join('+')})::int as filled,
          count(geom)::int as located from ${tableName(layer, 'layers')}`,
      );
      const valueOf = (criterion: string) => values.find((value) => value.id === criterion)!.value;
      expect(rows!.accepted).toBe(cells!.rows);
      expect(valueOf('complete')).toBeCloseTo(cells!.filled / (cells!.rows * names.length), 10);
      expect(valueOf('located')).toBeCloseTo(cells!.located / cells!.rows, 10);
      const [row] = await district.db.sql<{ share: number; intact: number }[]>`
        select rows_accepted::float8 / rows_in as share, 1 - rows_repaired::float8 / rows_accepted as intact
        from app.load where load_id = ${load}`;
      expect(valueOf('accepted')).toBeCloseTo(row!.share, 10);
      expect(valueOf('intact')).toBeCloseTo(row!.intact, 10);
      const applied = quality.criteria.filter(({ id: criterion }) => valueOf(criterion) !== null);
      const weights = applied.reduce((sum, { weight }) => sum + weight, 0);
      const points = applied.reduce((sum, { id: criterion, weight }) => sum + weight * valueOf(criterion)!, 0);
      expect(score).toBeCloseTo((100 * points) / weights, 8);
    }
    for (const { id, score } of quality.departments) {
      const own = quality.layers.filter(({ department }) => department === id);
      expect(score).toBeCloseTo(own.reduce((sum, each) => sum + each.score, 0) / own.length, 8);
    }
  });

  it('counts a layer that was never loaded as such, one that is late as stale, one whose last load failed as failed', async () => {
    const { sql } = district.db;
    const [state] = await sql<
      { load_id: number; rows: number; unlocated: number; published_at: Date; confirmed_at: Date | null }[]
    >`
      select load_id, rows, unlocated, published_at, confirmed_at from app.layer_state where layer_id = 'hospital'`;
    const { departments, layers } = await whole();
    const before = departments.find(({ id }) => id === 'health')!;
    // Another test may have let a load of it fail.
    const failedBefore = layers.find(({ id }) => id === 'hospital')!.failed === null ? 0 : 1;
    try {
      // Another test may have delivered it again without a change since.
      await sql`update app.layer_state set confirmed_at = null,
        published_at = now() - interval '1 hour' * ${getLayer('hospital').freshnessHours * 1.5} where layer_id = 'hospital'`;
      const [report] = await loadDelivery({
        db: district.db,
        dir: join(district.dir, 'nothing-here'),
        layers: ['hospital'],
        scale: districtScale,
      });
      expect(report!.status).toBe('failed');
      const late = await whole();
      const hospital = late.layers.find(({ id }) => id === 'hospital')!;
      expect(hospital.freshness).toBe('stale');
      expect(hospital.values.find(({ id }) => id === 'fresh')!.value).toBeCloseTo(0.5, 2);
      expect(hospital.failed).toMatchObject({ load: report!.load, code: 'FILE_NOT_FOUND' });
      const health = late.departments.find(({ id }) => id === 'health')!;
      expect([health.stale, health.failed]).toEqual([before.stale + 1, before.failed - failedBefore + 1]);
      expect(health.score).toBeLessThan(before.score);

      await sql`delete from app.layer_state where layer_id = 'hospital'`;
      const gone = await whole();
      expect(gone.layers.find(({ id }) => id === 'hospital')).toMatchObject({
        score: 0,
        freshness: 'never',
        load: null,
        values: [],
      });
      expect(gone.departments.find(({ id }) => id === 'health')!.loaded).toBe(before.loaded - 1);
    } finally {
      const { load_id, rows, unlocated, published_at, confirmed_at } = state!;
      await sql`insert into app.layer_state (layer_id, load_id, rows, unlocated, published_at, confirmed_at)
        values ('hospital', ${load_id}, ${rows}, ${unlocated}, ${published_at}, ${confirmed_at})
        on conflict (layer_id) do update set published_at = excluded.published_at, confirmed_at = excluded.confirmed_at`;
      await sql`delete from app.load where layer_id = 'hospital' and load_id > ${load_id}`;
    }
  });

  it('shows the public its own layers only', async () => {
    const quality = (await (await api.get('/api/quality')).json()) as Quality;
    expect(quality.layers.length).toBeGreaterThan(0);
    for (const { id } of quality.layers) expect(getLayer(id).sensitivity).toBe('public');
    expect(JSON.stringify(quality)).not.toContain('实有人口');
  });
});

it('the codes of the loader and their titles are in the database', async () => {
  const rows = await district.db.sql<{ code: string; zh: string; en: string }[]>`
    select code, zh, en from app.code where kind = 'reject'`;
  expect(Object.fromEntries(rows.map(({ code, zh, en }) => [code, { zh, en }]))).toEqual(rejectCodes);
});
