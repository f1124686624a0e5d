import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importFile } from '../../etl/import.ts';
import type { Database } from '../../server/db/connect.ts';
import { testDatabase } from '../support/database.ts';

/** Real files of public offices, if they lie beside the checkout; too large and too many licences to be part of it. */
const archive = join(import.meta.dirname, '..', '..', '..', 'shared', 'real-data.tar.gz');

interface Expected {
  rows: number;
  geometry: string;
  unlocated?: number;
  repaired?: number;
  /** A row that must be there, as SQL. */
  holds?: string;
}

const files: Record<string, Expected> = {
  'taipei/taipei_village.geojson': {
    rows: 456,
    geometry: 'polygon',
    repaired: 2,
    holds: "to_jsonb(t)::text like '%臺北市文山區樟新里%'",
  },
  'foshan/foshan-districts-cgcs2000-gk38-gbk.zip': {
    rows: 5,
    geometry: 'polygon',
    repaired: 5,
    holds: "to_jsonb(t)::text like '%禅城区%' and st_contains(geom, st_setsrid(st_point(113.07, 23.0), 4326))",
  },
  'helsinki/helsinki_population_grid_2020.gpkg': { rows: 92, geometry: 'polygon', holds: 'population = 389' },
  'formats/zipcodes.xlsx': { rows: 42_049, geometry: 'point', holds: "to_jsonb(t)::text like '%Ketchikan%'" },
  'enterprise/chicago-business-licences-food.csv': {
    rows: 27_600,
    geometry: 'point',
    unlocated: 3188,
    holds: "to_jsonb(t)::text like '%PANERA BREAD%'",
  },
  'nyc/taxi_zones.zip': {
    rows: 263,
    geometry: 'polygon',
    holds: "to_jsonb(t)::text like '%Yorkville West%' and abs(st_y(st_centroid(geom)) - 40.78) < 0.02",
  },
  'china/shanghai-qu-xian-jie-gbk.zip': { rows: 17, geometry: 'polygon', holds: "to_jsonb(t)::text like '%浦东新区%'" },
};

if (existsSync(archive)) {
  describe('real files', () => {
    let dir = '';
    let db: Database;
    const made = new Set<string>();
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'one-map-real-'));
      const unpacked = spawnSync('tar', [
        '-xzf',
        archive,
        '-C',
        dir,
        ...Object.keys(files).map((file) => `real-data/${file}`),
      ]);
      if (unpacked.status !== 0) throw new Error(unpacked.stderr.toString());
      db = await testDatabase();
    });
    afterAll(async () => {
      for (const id of made) {
        await db.sql.unsafe(`drop table if exists layers."${id}"`);
        await db.sql`delete from app.layer_state where layer_id = ${id}`;
        await db.sql`delete from app.user_layer where layer_id = ${id}`;
      }
      await rm(dir, { recursive: true, force: true });
    });

    test.each(Object.entries(files))('%s', async (file, expected) => {
      const report = await importFile({ db, file: join(dir, 'real-data', file) });
      made.add(report.layer);
      expect(report.error).toBeNull();
      expect(report.rows).toEqual({
        in: expected.rows,
        accepted: expected.rows,
        repaired: expected.repaired ?? 0,
        quarantined: 0,
        unlocated: expected.unlocated ?? 0,
      });
      const [row] = await db.sql.unsafe<{ n: number; held: number; invalid: number }[]>(
        `select count(*)::int as n, count(*) filter (where ${expected.holds ?? 'true'})::int as held,
           count(*) filter (where not st_isvalid(geom))::int as invalid from layers."${report.layer}" t`,
      );
      expect(row).toMatchObject({ n: expected.rows, invalid: 0 });
      expect(row?.held).toBeGreaterThan(0);
      const [user] = await db.sql<
        { geometry: string }[]
      >`select definition->>'geometry' as geometry from app.user_layer where layer_id = ${report.layer}`;
      expect(user?.geometry).toBe(expected.geometry);
    });
  });
} else {
  // A file without tests is an error; this one holds on every machine.
  test('the archive of real files is looked for beside the checkout', () => {
    expect(archive.endsWith(join('shared', 'real-data.tar.gz'))).toBe(true);
  });
}
