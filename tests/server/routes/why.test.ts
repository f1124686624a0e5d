import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import type { ErrorBody, Lineage, WhyNumber } from '../../../server/app.ts';
import { loadedDistrict, type LoadedDistrict } from '../../support/district.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';

let district: LoadedDistrict;
let api: TestApi;
beforeAll(async () => {
  district = await loadedDistrict();
  api = testApi(district.db);
});
afterAll(() => api.close());

async function json<T>(path: string, headers: Record<string, string> = STAFF): Promise<T> {
  const response = await api.get(path, headers);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

function why(layer: string, filter?: object, headers: Record<string, string> = STAFF): Promise<WhyNumber> {
  const text = filter === undefined ? undefined : JSON.stringify(filter);
  return json<WhyNumber>(`/api/layers/${layer}/why${query({ filter: text })}`, headers);
}

const FACTORIES = { field: 'industry_section', op: '=', value: 'C' };

describe('GET /api/layers/{id}/why', () => {
  it('says what was counted, and what was not and why, so that nothing is missing', async () => {
    const { evidence, filter, freshness } = await why('enterprise', FACTORIES);
    const { sql } = district.db;
    const [row] = await sql<{ counted: number; unlocated: number; rows: number; load: number }[]>`
      select count(*) filter (where industry_section = 'C')::int as counted, count(*)::int as rows, min(load_id) as load,
        count(*) filter (where industry_section = 'C' and geom is null)::int as unlocated from layers.enterprise`;
    const rejects = await sql<{ code: string; count: number }[]>`
      select code, count(*)::int as count from app.reject where load_id = ${row!.load} group by 1`;
    expect(filter).toEqual(FACTORIES);
    expect(evidence).toMatchObject({ counted: row!.counted, unlocated: row!.unlocated, load: row!.load, k: 1 });
    expect(row!.counted).toBeGreaterThan(100);
    const { rows } = evidence!;
    expect(rows.accepted).toBe(row!.rows);
    expect(rows.accepted).toBe(evidence!.counted! + rows.unmatched!);
    expect(rows.in).toBe(rows.accepted + rows.quarantined);
    expect(Object.fromEntries(evidence!.rejects.map(({ code, count }) => [code, count]))).toEqual(
      Object.fromEntries(rejects.map(({ code, count }) => [code, count])),
    );
    expect(evidence!.rejects.reduce((sum, { count }) => sum + count, 0)).toBe(rows.quarantined);
    expect(freshness).toEqual({ verdict: 'fresh', ageHours: 0, limitHours: getLayer('enterprise').freshnessHours });
  });

  it('names the files of the rows, and those by which they were placed and checked', async () => {
    const { evidence } = await why('person');
    const kinds = Object.fromEntries(evidence!.sources.map(({ layer, kind }) => [layer, kind]));
    expect(evidence!.sources[0]).toMatchObject({ kind: 'rows', layer: 'person', file: 'person.csv' });
    expect(kinds).toMatchObject({ room: 'place', household: 'reference', governance_grid: 'grid' });
    for (const { layer, load, file, sha256, deliveredAt } of evidence!.sources) {
      const [row] = await district.db.sql<{ file: string; sha256: string; at: Date; layer: string }[]>`
        select source_file as file, sha256, started_at as at, layer_id as layer from app.load where load_id = ${load}`;
      expect(row).toMatchObject({ layer, sha256 });
      expect(row!.file.endsWith(`/${file}`)).toBe(true);
      expect(deliveredAt).toBe(row!.at.toISOString());
    }
    expect((await why('enterprise')).evidence!.sources.map(({ kind }) => kind)).toContain('address');
  });

  it('leads to the records, and each of them to its line of the file', async () => {
    const filter = JSON.stringify(FACTORIES);
    const { features } = await json<{ features: { id: number; properties: { uscc: string } }[] }>(
      `/api/layers/enterprise/features${query({ filter, limit: '5' })}`,
    );
    const text = await readFile(join(district.dir, getLayer('enterprise').source.file), 'utf8');
    const lines = text.split('\n');
    expect(features).toHaveLength(5);
    for (const { id, properties } of features) {
      const { line, load } = await json<Lineage>(`/api/layers/enterprise/features/${id}/lineage`);
      expect(load.file).toBe('enterprise.csv');
      expect(lines[line! - 1]).toContain(properties.uscc);
    }
  });

  it('tells no small number about people, nor what it could be found by', async () => {
    const [row] = await district.db.sql<{ day: string; n: number }[]>`
      select birth_date::text as day, count(*)::int as n from layers.person group by 1 having count(*) between 1 and 4 limit 1`;
    const { evidence } = await why('person', { field: 'birth_date', op: '=', value: row!.day });
    expect(evidence).toMatchObject({ counted: null, k: 5 });
    expect(evidence!.rows.unmatched).toBeNull();
    const all = await why('person');
    expect(all.evidence!.counted).toBe(all.evidence!.rows.accepted);
  });

  it('is answered with 304 to who has it, and refuses what it cannot count', async () => {
    const path = `/api/layers/park/why`;
    const first = await api.get(path);
    expect(first.status).toBe(200);
    expect((await api.get(path, { 'If-None-Match': first.headers.get('ETag')! })).status).toBe(304);
    const failure = async (at: string, headers: Record<string, string> = STAFF): Promise<[number, string]> => {
      const response = await api.get(at, headers);
      return [response.status, ((await response.json()) as ErrorBody).error.code];
    };
    expect(await failure(`${path}${query({ filter: '{"field":"colour","op":"=","value":1}' })}`)).toEqual([
      400,
      'FILTER_INVALID',
    ]);
    expect(await failure('/api/layers/person/why', {})).toEqual([404, 'LAYER_NOT_FOUND']);
    expect(await failure('/api/layers/nothing_here/why')).toEqual([404, 'LAYER_NOT_FOUND']);
  });

  it('tells the public nothing of the layers behind that it may not see', async () => {
    const { evidence } = await why('poi', undefined, {});
    for (const { layer } of evidence!.sources) expect(getLayer(layer).sensitivity).toBe('public');
  });
});
