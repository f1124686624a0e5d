/**
 * `npm run bench -- [--scale 0.1] [--runs 3]
 * [--only load|readers|hexagons|tiles|search|readings|situation|live|live-1000|painted|soak] [--minutes 30]
 * [--database URL]`: starts a throw-away PostgreSQL + PostGIS
 * (needs Debian's postgresql, postgresql-postgis and gdal-bin), loads a district and prints ratios taken side by side.
 * `live-1000`, `painted` (also needs Chromium) and `soak` run only when they are asked for.
 * With `--database` hexagons and tiles are measured over a district that is loaded there. `MARTIN_BIN` and
 * `PG_TILESERV_BIN` name the programs of other tile servers to measure against.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { generateDistrict } from '../../etl/demo/generate.ts';
import { loadDelivery } from '../../etl/load.ts';
import { connectDatabase } from '../../server/db/connect.ts';
import { migrate } from '../../server/db/migrate.ts';
import { benchLoad } from './etl.ts';
import { benchHexagons } from './hexagons.ts';
import { benchLive } from './live.ts';
import { benchLive1000 } from './live-1000.ts';
import type { Comparison } from './measure.ts';
import { benchPainted } from './painted.ts';
import { benchReadings } from './readings.ts';
import { benchReaders } from './readers.ts';
import { benchTiles, TILE_LAYERS } from './tiles.ts';
import { benchSearch } from './search.ts';
import { benchSituation } from './situation.ts';
import { benchSoak } from './soak.ts';
import { cardLayers, RESPONSIBLE_LAYERS } from '../../server/situation/card-layers.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.1' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string' },
    database: { type: 'string' },
    minutes: { type: 'string', default: '30' },
  },
});
const scale = Number(values.scale);
const runs = Number(values.runs);
const wants = (part: string): boolean => values.only === undefined || values.only === part;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** What the situation card speaks of, and the roads that lead there. */
const SITUATION_LAYERS = [
  ...cardLayers.map(({ layer }) => layer),
  ...Object.values(RESPONSIBLE_LAYERS),
  'road_centerline',
];
const scratch = mkdtempSync(join(tmpdir(), 'onemap-bench-'));
const server = join(import.meta.dirname, '../support/postgres-server.sh');
const serverDir = join(scratch, 'pg');
execFileSync('chmod', ['755', scratch]);
const url = values.database ?? execFileSync(server, ['start', serverDir], { encoding: 'utf8' }).trim();
const comparisons: Comparison[] = [];
const notes: string[] = [];
try {
  const db = await connectDatabase({ url });
  await migrate(db);
  if (values.database === undefined && ['load', 'readers', 'hexagons', 'tiles', 'situation'].some(wants)) {
    const delivery = join(scratch, 'delivery');
    say(`generating the district at scale ${scale} …`);
    const needed = [
      'district_boundary',
      'town_boundary',
      'community_boundary',
      'governance_grid',
      'building_footprint',
      'room',
      'household',
      'person',
      // What addresses are read and followed by.
      ...(wants('load') ? ['road_centerline', 'standard_address', 'poi'] : []),
      'enterprise',
      ...(wants('tiles') ? TILE_LAYERS : []),
      ...(wants('situation') ? SITUATION_LAYERS : []),
    ].filter((layer, index, all) => all.indexOf(layer) === index);
    await generateDistrict({ scale, seed: 1, out: delivery, only: needed });
    say('loading what the measured layers stand on …');
    const reports = await loadDelivery({ db, dir: delivery, layers: needed, force: true });
    for (const { layer, status, error } of reports) {
      if (status !== 'published') throw new Error(`${layer} was not loaded: ${error?.text.en}`);
    }
    if (wants('load')) {
      const common = { db, url, delivery, scratch: join(scratch, 'utf8'), runs };
      const after = ['building_footprint', 'room', 'household'];
      comparisons.push(...(await benchLoad({ ...common, layer: 'person', after })));
      comparisons.push(...(await benchLoad({ ...common, layer: 'enterprise', after: ['standard_address', 'poi'] })));
    }
    if (wants('readers')) comparisons.push(...(await benchReaders({ url, delivery, scratch })));
  }
  if (wants('hexagons')) {
    const hexagons = await benchHexagons({ db, url, scratch, runs: Math.max(15, runs) });
    comparisons.push(...hexagons.comparisons);
    notes.push(...hexagons.notes);
  }
  if (wants('tiles')) {
    const tiles = await benchTiles({ db, url, scratch, runs });
    comparisons.push(...tiles.comparisons);
    notes.push(...tiles.notes);
  }
  if (wants('search')) {
    say('indexing names for the search box …');
    const search = await benchSearch(db, scale);
    comparisons.push(...search.comparisons);
    notes.push(...search.notes);
  }
  if (wants('readings')) {
    const readings = await benchReadings(db);
    comparisons.push(...readings.comparisons);
    notes.push(...readings.notes);
  }
  if (wants('situation')) {
    say('asking for situation cards …');
    notes.push(...(await benchSituation(db)).notes);
  }
  await db.close();
  if (wants('live')) {
    const live = await benchLive({ url });
    comparisons.push(...live.comparisons);
    notes.push(...live.notes);
  }
  if (values.only === 'live-1000') notes.push(...(await benchLive1000({ url, runs, say })).notes);
  if (values.only === 'painted') notes.push(...(await benchPainted({ url, runs, scale, say })).notes);
  if (values.only === 'soak') notes.push(...(await benchSoak({ url, minutes: Number(values.minutes), say })).notes);
} finally {
  if (values.database === undefined) execFileSync(server, ['stop', serverDir]);
  rmSync(scratch, { recursive: true, force: true });
}

const table = new Table({ head: ['benchmark (reference)', 'ours', 'reference', 'ratio', 'target'] });
for (const { name, ours, reference, ratio, target } of comparisons) {
  table.push([name, ours, reference, `${ratio.toFixed(2)}×`, target]);
}
if (comparisons.length > 0) say(`\n${table.toString()}`);
for (const note of notes) say(note);
const [cpu] = cpus();
say(`machine: ${cpus().length} × ${cpu?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`);
