import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toWgs84 } from '../../../etl/crs/transform.ts';
import { buildDistrict } from '../../../etl/demo/district.ts';
import { generateDistrict, type Manifest } from '../../../etl/demo/generate.ts';
import { openCsv } from '../../../etl/formats/csv.ts';
import { readRecord } from '../../../etl/formats/text-table.ts';
import { KeySet } from '../../../etl/link/key-set.ts';
import { PlaceIndex } from '../../../etl/link/place-index.ts';
import { type CheckContext, RowChecker } from '../../../etl/steps/check.ts';
import { FastLane } from '../../../etl/steps/fast-lane.ts';
import { TableWriter } from '../../../etl/steps/table-writer.ts';
import { getLayer } from '../../../layers/index.ts';
import type { CopyWriter } from '../../../server/db/copy.ts';
import { buildMesh } from '../../../server/db/mesh.ts';

const out = mkdtempSync(join(tmpdir(), 'one-map-lane-'));
const mesh = buildMesh(
  buildDistrict().grids.map((grid) => ({ code: grid.code, rings: grid.rings.map((ring) => [...ring, ring[0] ?? []]) })),
);
let manifest: Manifest;

beforeAll(async () => {
  manifest = await generateDistrict({ scale: 0.01, seed: 3, out, only: ['room', 'household', 'person', 'enterprise'] });
}, 240_000);
afterAll(() => rmSync(out, { recursive: true }));

interface Loaded {
  bytes: Buffer;
  rows: number;
  unlocated: number;
  taken: number;
  faults: string[];
  places: PlaceIndex;
}

/** Checks and encodes a delivered file, with or without the fast lane. */
async function load(id: string, useLane: boolean, links: Partial<CheckContext> = {}): Promise<Loaded> {
  const layer = getLayer(id);
  const source = await openCsv(join(out, layer.source.file), { encoding: layer.source.encoding ?? 'utf-8', bom: 0 });
  const context: CheckContext = {
    transform: toWgs84(layer.source.crs),
    isDistrict: true,
    mesh,
    places: null,
    references: new Map(),
    expectedRows: 1000,
    keyByLine: false,
    ...links,
  };
  const pieces: Buffer[] = [];
  const copy: CopyWriter = {
    write: async (rows) => void pieces.push(Buffer.from(rows)),
    end: async () => 0,
    abort: async () => {},
  };
  const table = new TableWriter(layer, () => copy, mesh);
  const checker = new RowChecker(layer, source.columns, context);
  const places = new PlaceIndex(checker.keys, 1000);
  const lane = useLane ? FastLane.of(layer, checker, table, places) : null;
  if (useLane) expect(lane).not.toBeNull();
  let taken = 0;
  const faults: string[] = [];
  for await (const batch of source.batches()) {
    const { text } = batch;
    if (!text) throw new Error('no bytes');
    for (let i = 0; i < text.lines.length; i += 1) {
      if (lane?.take(text, i)) {
        taken += 1;
        continue;
      }
      const row = checker.check(readRecord(text, i), text.lines[i] as number, null);
      if (row) {
        table.add(row);
        places.set(row.number, row.position);
      } else {
        faults.push(`${text.lines[i]} ${checker.fault.code} ${checker.fault.value}`);
      }
    }
  }
  await table.end();
  await source.close();
  return { bytes: Buffer.concat(pieces), rows: table.rows, unlocated: table.unlocated, taken, faults, places };
}

describe('rows taken from the bytes are those that the checker accepts, to the last byte', () => {
  test.each(['room', 'household', 'person', 'enterprise'])(
    '%s',
    async (id) => {
      // A place for every third room, so that links are followed and some lead nowhere.
      const rooms = await load('room', false);
      const households = await load('household', false);
      const position = { lat: 23.02, h3High: 1, h3Low: 2, cell: 3 };
      for (let n = 0; n < rooms.places.size; n += 3) rooms.places.set(n, { ...position, lon: 113 + n / 1e6 });
      const links: Partial<CheckContext> = {
        places: rooms.places,
        references: new Map(
          id === 'person' ? [['household_id', { layer: 'household', keys: households.places.keys }]] : [],
        ),
      };
      const fast = await load(id, true, links);
      const slow = await load(id, false, links);
      expect(fast.faults).toEqual(slow.faults);
      expect([fast.rows, fast.unlocated]).toEqual([slow.rows, slow.unlocated]);
      expect(fast.bytes.equals(slow.bytes)).toBe(true);
      expect(fast.places.size).toBe(slow.places.size);
      // Nearly all rows are of the usual forms; what is wrong with the others is found by the checker.
      expect(fast.taken / fast.rows).toBeGreaterThan(0.98);
      expect(fast.faults.length).toBeGreaterThan(0);
      expect(fast.rows + fast.faults.length).toBe(manifest.layers[id]?.rows);
    },
    60_000,
  );
});

test('a key is the same key as a text and as bytes', () => {
  const keys = new KeySet();
  const bytes = Buffer.from('x91440699MA0000000Ax');
  expect(keys.addAscii(bytes, 1, bytes.length - 1)).toBe(0);
  expect(keys.add('91440699MA0000000A')).toBe(-1);
  expect(keys.indexOfAscii(bytes, 0, 5)).toBe(-1);
});
