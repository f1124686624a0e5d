import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_CHECKS } from '../../etl/checks/active-checks.ts';
import { loadLayer } from '../../etl/load-layer.ts';
import { AddressLesson } from '../../etl/link/address/address-lesson.ts';
import { KeySet } from '../../etl/link/key-set.ts';
import { LoadSession } from '../../etl/session.ts';
import { getLayer } from '../../layers/index.ts';
import { districtScale, loadedDistrict, type LoadedDistrict } from '../support/district.ts';

let district: LoadedDistrict;
let session: LoadSession;
let dir = '';
beforeAll(async () => {
  district = await loadedDistrict();
  session = new LoadSession(district.db);
  dir = await mkdtemp(join(tmpdir(), 'one-map-address-'));
});
afterAll(async () => {
  await session.close();
  await rm(dir, { recursive: true, force: true });
});

/** Every fifth firm of the delivery without its coordinates. */
async function writeBlanked(): Promise<string> {
  const { source } = getLayer('enterprise');
  const lines = (await readFile(join(district.dir, source.file), 'utf8')).split('\n');
  const blanked = lines.map((line, i) => (i % 5 === 2 ? line.replace(/(11[23]\.\d+),(2[23]\.\d+)/, ',') : line));
  const path = join(dir, source.file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, blanked.join('\n'));
  return path;
}

interface Firm {
  source_id: string;
  lon: number | null;
  lat: number | null;
  grid_code: string | null;
}

async function firms(): Promise<Map<string, Firm>> {
  const rows = await district.db.sql<Firm[]>`
    select source_id, st_x(geom) as lon, st_y(geom) as lat, grid_code from layers.enterprise`;
  return new Map(rows.map((row) => [row.source_id, row]));
}

test('enterprises without coordinates are placed by their address, and each says how', async () => {
  const layer = getLayer('enterprise');
  const path = await writeBlanked();
  const before = await firms();
  const report = await loadLayer(session, layer, path, { scale: districtScale });
  expect(report.error).toBeNull();
  expect(report.rows.accepted + report.rows.quarantined).toBe(report.rows.in);

  const link = report.links.find(({ by, to }) => to === 'address' && by === 'address');
  const asked = (link?.matched ?? 0) + (link?.dead ?? 0);
  expect(asked).toBeGreaterThan(500);
  expect((link?.matched ?? 0) / asked, 'match rate').toBeGreaterThan(0.7);
  expect(report.rows.unlocated).toBeLessThan(asked * 0.3 + 5);

  const after = await firms();
  const placed = await district.db.sql<{ source_id: string; message: string }[]>`
    select source_id, message from app.repair where load_id = ${report.load} and code = 'PLACED_BY_ADDRESS'`;
  expect(placed).toHaveLength(link?.matched as number);
  let precise = 0;
  let near = 0;
  for (const { source_id, message } of placed) {
    const [, precision, confidence] = /^(room|building|plate|road|community) (\d\.\d\d): /.exec(message) ?? [];
    expect(Number(confidence)).toBeGreaterThanOrEqual(0.2);
    const [was, is] = [before.get(source_id), after.get(source_id)];
    expect(is?.grid_code).toMatch(/^440604\d{6}W\d{3}$/);
    if (!was?.lon || !was.lat || !is?.lon || !is.lat || precision === 'road' || precision === 'community') continue;
    precise += 1;
    if (Math.hypot((was.lon - is.lon) * 102_400, (was.lat - is.lat) * 110_750) <= 250) near += 1;
  }
  expect(precise).toBeGreaterThan(300);
  expect(near / precise, 'precision').toBeGreaterThan(0.95);

  // World pixels and keys fit, as for any other point.
  const [bad] = await district.db.sql<{ n: number }[]>`
    select count(*)::int as n from layers.enterprise where geom is not null
      and (abs(mx - (st_x(geom) / 360 + 0.5) * 2 ^ 30) > 1 or h3 is null or qk is null)`;
  expect(bad?.n).toBe(0);

  // Without this repair they stay, unlocated.
  const checks = new Set([...ALL_CHECKS].filter((check) => check !== 'PLACED_BY_ADDRESS'));
  const without = await loadLayer(session, layer, path, { scale: districtScale, checks, force: true });
  expect(without.rows.unlocated).toBeGreaterThan(asked - 5);
});

test('what rows teach of addresses as they pass is what they teach when they are read back', async () => {
  const path = await writeBlanked();
  const linked = (): Promise<Record<string, unknown>[]> =>
    district.db.sql<Record<string, unknown>[]>`
      select source_id, building_code, address_precision, grid_code, round(st_x(geom)::numeric, 9) as lon,
        round(st_y(geom)::numeric, 9) as lat
      from layers.enterprise order by source_id`;
  const options = { scale: districtScale, force: true };
  const others = new LoadSession(district.db);
  const teachers = new LoadSession(district.db);
  const foresees = new LoadSession(district.db);
  try {
    const readBack = await loadLayer(others, getLayer('enterprise'), path, options);
    const expected = await linked();
    for (const id of ['standard_address', 'poi']) {
      const layer = getLayer(id);
      expect(await loadLayer(teachers, layer, join(district.dir, layer.source.file), options)).toMatchObject({
        status: 'published',
      });
    }
    const asTheyPassed = await loadLayer(teachers, getLayer('enterprise'), path, options);
    expect(asTheyPassed.links).toEqual(readBack.links);
    expect(asTheyPassed.links.find(({ kind }) => kind === 'building')?.matched).toBeGreaterThan(100);
    expect(await linked()).toEqual(expected);

    // Learned while the teachers are published, because it is known who comes after them.
    const order = ['standard_address', 'poi', 'enterprise'].map(getLayer);
    for (const [i, layer] of order.entries()) {
      foresees.expect(order.slice(i));
      const file = layer.id === 'enterprise' ? path : join(district.dir, layer.source.file);
      if (layer.id === 'enterprise')
        expect((await foresees.addresses(layer)).taught).toEqual(['standard_address', 'poi']);
      const report = await loadLayer(foresees, layer, file, options);
      expect(report.status).toBe('published');
      if (layer.id === 'enterprise') expect(report.links).toEqual(readBack.links);
    }
    expect(await linked()).toEqual(expected);
  } finally {
    await others.close();
    await teachers.close();
    await foresees.close();
  }
});

test('what a load taught that was not published is forgotten', async () => {
  const [teacher, firm] = [getLayer('standard_address'), getLayer('enterprise')];
  const fails = new LoadSession(district.db);
  try {
    const known = (await fails.addresses(firm)).size;
    expect(known).toBeGreaterThan(100);
    fails.expect([teacher, firm]);
    const lesson = new AddressLesson(teacher);
    const text = Buffer.from('佛山市禅城区祖庙街道无此路9号502房');
    lesson.addIn(text, [0, text.length], [0, 0], 113.1, 23);
    await fails.learn(teacher, lesson);
    const learned = await fails.addresses(firm);
    expect(learned.find(text.toString())?.precision).toBe('room');
    fails.forgetAddresses();
    const again = await fails.addresses(firm);
    expect(again.find(text.toString())?.precision).not.toBe('room');
    expect(again.size).toBe(known);

    // Published, it stays; and is let go when nobody to come asks for an address.
    await fails.learn(teacher, lesson);
    fails.published(teacher, 1, new KeySet(), null, lesson);
    expect((await fails.addresses(firm)).find(text.toString())?.precision).toBe('room');
    fails.expect([getLayer('person')]);
    expect((await fails.addresses(firm)).size).toBe(known);
  } finally {
    await fails.close();
  }
});
