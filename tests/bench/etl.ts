import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import iconv from 'iconv-lite';
import { loadDelivery } from '../../etl/load.ts';
import { getLayer } from '../../layers/index.ts';
import type { Database } from '../../server/db/connect.ts';
import { alternateTimes, type Comparison, median, timed } from './measure.ts';

/**
 * Rows per second of our loader against `ogr2ogr -f PostgreSQL` with COPY, on the same file. Ours also checks every
 * row, places it in its micro-grid and hexagon, builds all indexes and makes statistics; ogr2ogr builds its primary key and, where
 * the file has coordinates, its spatial index. It gets the file in UTF-8, re-encoded outside the measured time. A second
 * comparison adds what ours has in any case, indexes on key and place and statistics; where the department's file is in another encoding a
 * third one adds the `iconv` without which ogr2ogr cannot load that file.
 *
 * `after` names layers that are loaded just before in the same run, as in a delivery, because rows are placed by them
 * or follow their addresses: their keys, places and addresses are then in memory. Ours is the time from the start of the layer's own load to the end of its
 * publication, as its report states it; what a load of this layer alone takes to read those keys back is not in it.
 */
export async function benchLoad(options: {
  db: Database;
  url: string;
  delivery: string;
  scratch: string;
  layer: string;
  after?: readonly string[];
  runs: number;
}): Promise<Comparison[]> {
  const { db, url, delivery, scratch, layer: id, after = [], runs } = options;
  const { source, key, place } = getLayer(id);
  const file = join(delivery, source.file);
  await mkdir(scratch, { recursive: true });
  const utf8 = join(scratch, `${id}.csv`);
  await pipeline(
    createReadStream(file),
    iconv.decodeStream(source.encoding ?? 'utf-8'),
    iconv.encodeStream('utf-8'),
    createWriteStream(utf8),
  );
  await db.sql`create schema if not exists bench`;

  const columnOf = (field: string | undefined): string | undefined =>
    field === undefined ? undefined : (source.columns?.[field] ?? field);
  const isUtf8 = source.encoding === undefined || source.encoding === 'utf-8';
  /** ms of ogr2ogr and of the indexes on key and place, and statistics, after it; the same with re-encoding before it. */
  const indexed: number[] = [];
  const whole: number[] = [];
  let rows = 0;
  const times = await alternateTimes(
    runs,
    async () => {
      const reports = await loadDelivery({ db, dir: delivery, layers: [...after, id], force: true });
      const report = reports.find(({ layer }) => layer === id);
      if (report?.status !== 'published') throw new Error(`${id} was not loaded: ${report?.error?.text.en}`);
      rows = report.rows.in;
      return report.seconds * 1000;
    },
    async () => {
      const ms = await timed(() => ogr2ogr(url, utf8, `bench.${id}`, source.coordinates));
      const finishing = await timed(() => index(db, `bench.${id}`, [key, place?.field].map(columnOf)));
      indexed.push(ms + finishing);
      if (!isUtf8)
        whole.push(
          ms +
            finishing +
            (await timed(() =>
              run('iconv', ['-f', source.encoding as string, '-t', 'UTF-8', '-o', `${utf8}.again`, file]),
            )),
        );
      return ms;
    },
  );
  const [counted] = await db.sql<[{ n: number }]>`select count(*)::int4 as n from ${db.sql(`bench.${id}`)}`;
  if (counted.n !== rows) throw new Error(`ogr2ogr stored ${counted.n} of the ${rows} rows of ${id}`);
  const [ours, reference] = [median(times.a), median(times.b)];
  const speed = (ms: number): string => `${Math.round(rows / (ms / 1000)).toLocaleString('en')} rows/s`;
  const loaded = `load ${id}, ${rows.toLocaleString('en')} rows`;
  return [
    { name: `${loaded} (ogr2ogr COPY)`, reference },
    {
      name: `${loaded} (ogr2ogr COPY, then indexes on its key and place and statistics, as ours has)`,
      reference: median(indexed),
    },
    ...(isUtf8
      ? []
      : [
          {
            name: `${loaded} (the department's file: iconv, ogr2ogr COPY, indexes, statistics)`,
            reference: median(whole),
          },
        ]),
  ].map(({ name, reference: ms }) => ({
    name,
    ours: speed(ours),
    reference: speed(ms),
    ratio: ms / ours,
    target: '≥ 1.0×',
  }));
}

/** An index on the first column (the file repeats some keys on purpose, so it cannot be unique), and one on the second if there is one, then statistics, one after the other as they would be typed. */
async function index(db: Database, table: string, [key, place]: readonly (string | undefined)[]): Promise<void> {
  const { sql } = db;
  if (key !== undefined) await sql`create index on ${sql(table)} (${sql(key)})`;
  if (place !== undefined) await sql`create index on ${sql(table)} (${sql(place)})`;
  await sql`analyze ${sql(table)}`;
}

function ogr2ogr(url: string, file: string, table: string, place?: { x: string; y: string }): Promise<void> {
  const { hostname, port, username, pathname } = new URL(url);
  const options = [
    '-f',
    'PostgreSQL',
    `PG:host=${hostname} port=${port} user=${username} dbname=${pathname.slice(1)}`,
    file,
    '-nln',
    table,
    '-overwrite',
    '--config',
    'PG_USE_COPY',
    'YES',
  ];
  if (place) {
    options.push('-oo', `X_POSSIBLE_NAMES=${place.x}`, '-oo', `Y_POSSIBLE_NAMES=${place.y}`, '-a_srs', 'EPSG:4326');
  }
  return run('ogr2ogr', options);
}

function run(program: string, options: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, { stdio: ['ignore', 'inherit', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}: ${stderr}`)),
    );
  });
}
