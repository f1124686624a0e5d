/**
 * `npm run test:conformance [-- --api URL]`: other people's tests of the standards against our service. Without `--api` a
 * throw-away PostgreSQL + PostGIS with a small district and the service are started. Each suite is run where it is found:
 * - `OGC_ETS_JAR`, `OGC_ETS_TILES_JAR`: the all-in-one jars of the OGC's suites for API Features and for API Tiles
 * - `SCHEMATHESIS_BIN`: schemathesis, against the OpenAPI 3.1 and 3.0 documents
 * - QGIS, where `/usr/bin/python3` (or `QGIS_PYTHON`) has it
 * How to get them, and what is known to fail, is in docs/conformance.md.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SaxesParser } from 'saxes';
import { generateDistrict } from '../../etl/demo/generate.ts';
import { loadDelivery } from '../../etl/load.ts';
import { connectDatabase } from '../../server/db/connect.ts';
import { migrate } from '../../server/db/migrate.ts';
import { CRS_LIST } from '../../server/ogc/crs.ts';
import { MATRIX_SET, MATRIX_SET_URI } from '../../server/ogc/tile-sets.ts';
import { ApiProcess, freePort } from '../chaos/api-process.ts';

const { values } = parseArgs({ options: { api: { type: 'string' } } });
const { OGC_ETS_JAR, OGC_ETS_TILES_JAR, SCHEMATHESIS_BIN, QGIS_PYTHON = '/usr/bin/python3' } = process.env;
const LAYERS = [
  'district_boundary',
  'town_boundary',
  'community_boundary',
  'governance_grid',
  'road_centerline',
  'park',
];
/** What a program may take, ms. */
const LONGEST = 45 * 60_000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** A test of a suite of the OGC. */
interface OgcResult {
  name: string;
  status: string;
  parameters: string[];
}

let passed = 0;
let failed = 0;

function count(name: string, isRight: boolean, found = ''): void {
  if (isRight) passed += 1;
  else failed += 1;
  say(`${isRight ? 'ok' : 'FAILED'}  ${name}${found === '' ? '' : `: ${found}`}`);
}

/** Runs a suite of the OGC, whose answers are in a file of TestNG. */
function runOgcSuite(jar: string, out: string, properties: Record<string, string>): OgcResult[] {
  const file = join(out, 'properties.xml');
  const entries = Object.entries(properties).map(([key, value]) => `<entry key="${key}">${value}</entry>`);
  writeFileSync(
    file,
    `<?xml version="1.0" encoding="UTF-8"?>\n<properties version="1.0">${entries.join('')}</properties>`,
  );
  const { status } = spawnSync('java', ['-jar', jar, '-o', out, file], { stdio: 'ignore', timeout: LONGEST });
  if (status !== 0) throw new Error(`${jar} ended with ${status}`);
  const folder = readdirSync(join(out, 'testng'))[0] ?? '';
  const results: OgcResult[] = [];
  const parser = new SaxesParser();
  let isValue = false;
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'test-method' && attributes['is-config'] !== 'true') {
      results.push({ name: String(attributes['name']), status: String(attributes['status']), parameters: [] });
    }
    isValue = name === 'value';
  });
  parser.on('cdata', (text) => {
    if (isValue) results.at(-1)?.parameters.push(text.trim());
  });
  parser.write(readFileSync(join(out, 'testng', folder, 'testng-results.xml'), 'utf8')).close();
  return results;
}

function told(results: readonly OgcResult[]): string {
  const of = (status: string): number => results.filter((result) => result.status === status).length;
  return `${of('PASS')} passed, ${of('FAIL')} failed, ${of('SKIP')} skipped of ${results.length}`;
}

/**
 * The suite writes a box as east and north in every system. In those whose first axis is the latitude or the northing such
 * a box lies nowhere, and has to be refused.
 */
const yFirst = new Set(CRS_LIST.filter(({ isYFirst }) => isYFirst).map(({ uri }) => uri));
const isAxisOrder = ({ name, parameters }: OgcResult): boolean =>
  name === 'verifyBboxCrsParameter' && parameters.some((text) => yFirst.has(text));

function checkFeatures(jar: string, api: string, out: string): void {
  const results = runOgcSuite(jar, out, { iut: `${api}/api/ogc`, noofcollections: '-1' });
  const unknown = results.filter((result) => result.status === 'FAIL' && !isAxisOrder(result));
  const some = unknown.slice(0, 5).map(({ name, parameters }) => `${name} ${parameters.slice(0, 3).join(' ')}`);
  count('OGC API Features', results.length > 0 && unknown.length === 0, [told(results), ...some].join('\n    '));
}

async function checkTiles(jar: string, api: string, out: string): Promise<void> {
  const list = (await (await fetch(`${api}/api/ogc/collections/road_centerline/tiles`)).json()) as {
    tilesets: { tileMatrixSetLimits: { tileMatrix: string; minTileRow: number; minTileCol: number }[] }[];
  };
  const limits = list.tilesets[0]?.tileMatrixSetLimits.at(-3);
  if (limits === undefined) throw new Error('the roads have no tiles');
  const { tileMatrix, minTileRow, minTileCol } = limits;
  const [row, column] = [String(minTileRow + 2), String(minTileCol + 2)];
  const results = runOgcSuite(jar, out, {
    iut: `${api}/api/ogc`,
    tilematrixsetdefinitionuri: MATRIX_SET_URI,
    urltemplatefortiles: `${api}/api/ogc/collections/road_centerline/tiles/${MATRIX_SET}/{tileMatrix}/{tileRow}/{tileCol}`,
    tilematrix: tileMatrix,
    mintilerow: row,
    maxtilerow: row,
    mintilecol: column,
    maxtilecol: column,
  });
  const bad = results.filter(({ status }) => status !== 'PASS').map(({ name }) => name);
  count('OGC API Tiles', results.length > 0 && bad.length === 0, [told(results), ...bad].join('\n    '));
}

function checkContract(program: string, document: string, out: string): void {
  const checks = 'not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance';
  const options = ['--phases', 'examples,coverage,fuzzing', '--max-time', '300', '--generation-deterministic'];
  // The stream has no end; a file of rejects, an export and a layer are made by processes, which need their time.
  const left = ['/api/live', '/api/loads/{id}/rejects/file'].flatMap((path) => ['--exclude-path', path]);
  const run = spawnSync(program, ['run', document, '--checks', checks, ...options, ...left, '--continue-on-failure'], {
    encoding: 'utf8',
    cwd: out,
    timeout: LONGEST,
  });
  const failures = /^Failures:[\s\S]*?\n\n/m.exec(run.stdout)?.[0] ?? '';
  count(
    `schemathesis ${document}`,
    run.status === 0,
    failures === '' ? (run.stdout.trim().split('\n').at(-1) ?? '') : failures,
  );
}

function checkQgis(python: string, api: string): void {
  const asked = ['governance_grid:town_code:440604010000', 'road_centerline:road_class:arterial'];
  const script = join(import.meta.dirname, 'read_with_qgis.py');
  const { stdout } = spawnSync(python, [script, api, ...asked], {
    encoding: 'utf8',
    timeout: LONGEST,
    env: { ...process.env, QT_QPA_PLATFORM: 'offscreen' },
  });
  const figures = /^(\d+) passed, (\d+) failed$/m.exec(stdout);
  passed += Number(figures?.[1] ?? 0);
  failed += Number(figures?.[2] ?? 1);
  say(stdout.trim().split('\n').slice(0, -1).join('\n'));
}

const scratch = mkdtempSync(join(tmpdir(), 'onemap-conformance-'));
execFileSync('chmod', ['755', scratch]);
const server = join(import.meta.dirname, '../support/postgres-server.sh');
let service: ApiProcess | undefined;
try {
  let { api } = values;
  if (api === undefined) {
    const url = execFileSync(server, ['start', join(scratch, 'pg')], { encoding: 'utf8' }).trim();
    const db = await connectDatabase({ url });
    await migrate(db);
    const dir = join(scratch, 'delivery');
    await generateDistrict({ scale: 0.1, seed: 1, out: dir, only: LAYERS });
    await loadDelivery({ db, dir, layers: LAYERS });
    await db.close();
    service = new ApiProcess(await freePort(), { DATABASE_URL: url, DATA_DIR: scratch }, join(scratch, 'api.log'));
    await service.start();
    api = service.url;
  }
  const out = (name: string): string => mkdtempSync(join(scratch, name));
  const hasQgis = spawnSync(QGIS_PYTHON, ['-c', 'import qgis.core'], { stdio: 'ignore' }).status === 0;
  if (OGC_ETS_JAR) checkFeatures(OGC_ETS_JAR, api, out('features-'));
  if (OGC_ETS_TILES_JAR) await checkTiles(OGC_ETS_TILES_JAR, api, out('tiles-'));
  if (hasQgis) checkQgis(QGIS_PYTHON, api);
  if (SCHEMATHESIS_BIN) {
    checkContract(SCHEMATHESIS_BIN, `${api}/api/openapi.json`, out('contract-'));
    checkContract(SCHEMATHESIS_BIN, `${api}/api/ogc/api?f=json`, out('contract-'));
  }
  const missing = Object.entries({ OGC_ETS_JAR, OGC_ETS_TILES_JAR, SCHEMATHESIS_BIN, QGIS: hasQgis || undefined });
  for (const [name, found] of missing) if (!found) say(`not here: ${name}`);
} finally {
  await service?.kill();
  if (values.api === undefined) execFileSync(server, ['stop', join(scratch, 'pg')], { stdio: 'ignore' });
  rmSync(scratch, { recursive: true, force: true });
}
say(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
