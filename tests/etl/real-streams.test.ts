import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replay } from '../../etl/replay.ts';
import { fileUnder } from '../../etl/replay/categories.ts';
import type { Database } from '../../server/db/connect.ts';
import { followGrids, type GridSource } from '../../server/incidents/grid-source.ts';
import { Intake } from '../../server/incidents/intake.ts';
import { testApi, type TestApi } from '../server/api-fixture.ts';
import { testDatabase } from '../support/database.ts';
import { publishSquareGrids, removeSquareGrids } from '../support/square-grids.ts';

/** Real files of public offices, if they lie beside the checkout, or where REAL_DATA says. */
const archive = process.env['REAL_DATA'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'real-data.tar.gz');

interface Stream {
  /** Rows as the description of the archive counts them. */
  rows: number;
  map?: string;
  /** What a row counts under, read from the file by another reader than ours; null for a row without a place. */
  category: (row: Record<string, string>) => string | null;
  /** What tells one incident from another; all of the row when left out. */
  key?: (row: Record<string, string>) => string;
  /** Rows that are no incidents: footers of the table. */
  footers?: number;
}

const isPlaced = (x = '', y = ''): boolean => Number(x) !== 0 && Number(y) !== 0 && x.trim() !== '' && y.trim() !== '';
const accident: Pick<Stream, 'map' | 'category' | 'footers'> = {
  map: 'time=發生日期+發生時間,lon=經度,lat=緯度,title=發生地點,category==Z0905',
  category: (row) => (isPlaced(row['經度'], row['緯度']) ? 'Z0905' : null),
  footers: 2,
};
const dengue: Pick<Stream, 'map' | 'category'> = {
  map: 'time=通報日,place=居住縣市+居住鄉鎮+居住村里,title=居住鄉鎮+居住村里,category==Z0910',
  category: () => 'Z0910',
};

const STREAMS: Readonly<Record<string, Stream>> = {
  'seattle-911-2015.csv': {
    rows: 91_067,
    category: (row) =>
      isPlaced(row['Longitude'], row['Latitude']) ? fileUnder(row['Initial.Type.Group'] ?? '').category : null,
  },
  'nyc-311-animals-2025.csv': {
    rows: 4969,
    key: (row) => row['Unique Key'] ?? '',
    category: (row) =>
      isPlaced(row['Longitude'], row['Latitude']) ? fileUnder(row['Complaint Type'] ?? '').category : null,
  },
  'tw-npa-a1-2020.csv': { rows: 4584, ...accident },
  'tw-npa-a1-2021.csv': { rows: 4606, ...accident },
  'tw-npa-a1-2014.csv': {
    rows: 1772,
    map: 'time=發生時間,place=發生地點,title=發生地點,category==Z0905',
    category: (row) => (row['發生地點'] ? 'Z0905' : null),
    footers: 2,
  },
  'kaohsiung-dengue-2014.csv': { rows: 15_043, ...dengue },
  'kaohsiung-dengue-2023.csv': { rows: 3184, ...dengue },
  'usgs-feed.geojson': {
    rows: 352,
    map: 'time=time,title=title,category==Z0903',
    key: (row) => row['id'] ?? '',
    category: () => 'Z0903',
  },
};

/** Rows of a file, by another reader than the replay's. */
function rowsOf(file: string): Record<string, string>[] {
  const bytes = readFileSync(file);
  if (file.endsWith('.geojson')) {
    const { features } = JSON.parse(bytes.toString('utf8')) as { features: { id: string }[] };
    return features.map(({ id }) => ({ id }));
  }
  const text = new TextDecoder('utf-8').decode(bytes);
  return parse(text, {
    columns: true,
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
  });
}

if (existsSync(archive)) {
  describe('real streams through the API', () => {
    let dir = '';
    let db: Database;
    let api: TestApi;
    let grids: GridSource;
    let server: Server;
    let url = '';
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'one-map-streams-'));
      const unpacked = spawnSync('tar', ['-xzf', archive, '-C', dir, 'real-data/events']);
      if (unpacked.status !== 0) throw new Error(unpacked.stderr.toString());
      db = await testDatabase();
      await publishSquareGrids(db.sql);
      grids = await followGrids(db.sql, (cause) => {
        throw cause;
      });
      api = testApi(db, { defaultRole: 'staff', intake: new Intake(db.sql, { grids: () => grids.current() }) });
      server = createServer((request, response) => void getRequestListener(api.fetch)(request, response));
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await api.close();
      await grids.close();
      await removeSquareGrids(db.sql);
      await db.sql`delete from app.incident where source = any (${Object.keys(STREAMS).map((file) => file.replace(/\.\w+$/, ''))}::text[])`;
      await rm(dir, { recursive: true, force: true });
    });

    test.each(Object.entries(STREAMS))(
      '%s: every row is accounted for, totals by category are those of the file',
      async (name, stream) => {
        const { rows, map, category, key = (row) => JSON.stringify(row), footers = 0 } = stream;
        const file = join(dir, 'real-data', 'events', name);
        const log: string[] = [];
        const summary = await replay({
          file,
          url,
          rate: 0,
          patience: 20_000,
          log: (line) => log.push(line),
          ...(map === undefined ? {} : { map }),
        });
        expect(summary.read, log.join('\n')).toBe(rows);
        expect(summary.read).toBe(
          summary.stored + summary.duplicates + summary.unplaced + summary.rejected + summary.unsent,
        );
        expect(summary.unsent).toBe(0);

        const own = rowsOf(file);
        const content = own.slice(0, own.length - footers);
        const expected = new Map<string, number>();
        const seen = new Set<string>();
        for (const row of content) {
          const under = category(row);
          const id = key(row);
          if (under === null || seen.has(id)) continue;
          seen.add(id);
          expected.set(under, (expected.get(under) ?? 0) + 1);
        }
        const stored = await db.sql<{ category: string; count: number }[]>`
        select category, count(*)::int4 as count from app.incident where source = ${name.replace(/\.\w+$/, '')} group by 1`;
        const totals = Object.fromEntries(stored.map((each) => [each.category, each.count]).toSorted());
        expect(totals, log.join('\n')).toEqual(Object.fromEntries([...expected].toSorted()));
        expect(summary.stored).toBe(seen.size);
      },
    );
  });
} else {
  test.todo('real streams: the archive is not here');
}
