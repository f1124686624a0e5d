import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toWgs84 } from '../../../etl/crs/transform.ts';
import { buildDistrict } from '../../../etl/demo/district.ts';
import { generateDistrict, type Manifest } from '../../../etl/demo/generate.ts';
import { openCsv } from '../../../etl/formats/csv.ts';
import { TextAhead } from '../../../etl/formats/text-ahead.ts';
import { readRecord } from '../../../etl/formats/text-table.ts';
import { AddressLesson } from '../../../etl/link/address/address-lesson.ts';
import { hashAscii, keyHash } from '../../../etl/link/key-hash.ts';
import { KeySet } from '../../../etl/link/key-set.ts';
import { PlaceIndex } from '../../../etl/link/place-index.ts';
import { type CheckContext, RowChecker } from '../../../etl/steps/check.ts';
import { FastLane } from '../../../etl/steps/fast-lane.ts';
import type { EncodedRows } from '../../../etl/steps/row-encoder.ts';
import { RowRun } from '../../../etl/steps/row-run.ts';
import { TableWriter } from '../../../etl/steps/table-writer.ts';
import { getLayer } from '../../../layers/index.ts';
import type { CopyWriter } from '../../../server/db/copy.ts';
import { buildMesh } from '../../../server/db/mesh.ts';

const out = mkdtempSync(join(tmpdir(), 'one-map-lane-'));
const mesh = buildMesh(
  buildDistrict().grids.map((grid) => ({ code: grid.code, rings: grid.rings.map((ring) => [...ring, ring[0] ?? []]) })),
);
const LANES = ['room', 'household', 'person', 'enterprise', 'standard_address'] as const;
let manifest: Manifest;

beforeAll(async () => {
  manifest = await generateDistrict({ scale: 0.01, seed: 3, out, only: [...LANES] });
}, 240_000);
afterAll(() => rmSync(out, { recursive: true }));

interface Loaded {
  bytes: Buffer;
  rows: number;
  unlocated: number;
  taken: number;
  faults: string[];
  places: PlaceIndex;
  lesson: AddressLesson;
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
  const lesson = new AddressLesson(layer);
  const lane = useLane ? FastLane.of(layer, checker, table, places, lesson) : null;
  if (useLane) expect(lane).not.toBeNull();
  let taken = 0;
  const faults: string[] = [];
  for await (const batch of source.batches()) {
    const { text } = batch;
    if (!text) throw new Error('no bytes');
    const encoded = lane?.encode(text);
    for (let i = 0; i < text.lines.length; i += 1) {
      if (lane && encoded && lane.take(encoded, text, i)) {
        taken += 1;
        continue;
      }
      const row = checker.check(readRecord(text, i), text.lines[i] as number, null);
      if (row) {
        table.add(row);
        places.set(row.number, row.position);
        lesson.add(row);
        if (table.isFull) await table.flush();
      } else {
        faults.push(`${text.lines[i]} ${checker.fault.code} ${checker.fault.value}`);
      }
    }
  }
  await table.end();
  await source.close();
  return { bytes: Buffer.concat(pieces), rows: table.rows, unlocated: table.unlocated, taken, faults, places, lesson };
}

describe('rows taken from the bytes are those that the checker accepts, to the last byte', () => {
  test.each(LANES)(
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
      // So do those who learn of addresses.
      expect(fast.lesson).toEqual(slow.lesson);
      if (id === 'standard_address') expect(fast.lesson.size).toBe(fast.rows - fast.unlocated);
      // Nearly all rows are of the usual forms; what is wrong with the others is found by the checker.
      expect(fast.taken / fast.rows).toBeGreaterThan(0.98);
      expect(fast.faults.length).toBeGreaterThan(0);
      expect(fast.rows + fast.faults.length).toBe(manifest.layers[id]?.rows);
    },
    60_000,
  );
});

test('another thread reads and encodes the same, and goes on to the next file when one is given up', async () => {
  const ahead = new TextAhead();
  try {
    while (!ahead.isReady) await setTimeout(20);
    for (const [id, isGivenUp] of [
      ['person', true],
      ['enterprise', false],
      ['person', false],
    ] as const) {
      const layer = getLayer(id);
      // So many pieces that the memory of the first ones comes back in later ones.
      const path = join(out, `${id}-again.csv`);
      const content = readFileSync(join(out, layer.source.file));
      const body = content.subarray(content.indexOf(10) + 1);
      writeFileSync(path, Buffer.concat([content, ...Array.from({ length: isGivenUp ? 3 : 7 }, () => body)]));
      const { columns, close } = await openCsv(path, { encoding: layer.source.encoding ?? 'utf-8', bom: 0 });
      await close();
      const context: CheckContext = {
        transform: toWgs84(layer.source.crs),
        crs: { crs: layer.source.crs },
        isDistrict: true,
        mesh,
        places: null,
        references: new Map(),
        expectedRows: 1000,
        keyByLine: false,
      };
      const copy: CopyWriter = { write: async () => {}, end: async () => 0, abort: async () => {} };
      const checker = new RowChecker(layer, columns, context);
      const lane = FastLane.of(layer, checker, new TableWriter(layer, () => copy, mesh), null);
      if (!lane?.plan) throw new Error(`${id} cannot be encoded elsewhere`);
      const options = { encoding: layer.source.encoding ?? 'utf-8', delimiter: ',' };
      const from = { offset: 0, line: 1 };
      let rows = 0;
      ahead.begin({ path, options, from, plan: lane.plan });
      for await (const { table, encoded, release } of ahead.pieces()) {
        const own = lane.encode(table);
        for (const [name, values] of Object.entries(own)) {
          const theirs = encoded?.[name as keyof EncodedRows] as ArrayBufferView;
          expect(theirs.byteLength).toBe(values.byteLength);
          expect(Buffer.from(theirs.buffer, theirs.byteOffset, theirs.byteLength).equals(bytesOf(values))).toBe(true);
        }
        rows += own.sure.filter((sure) => sure === 1).length;
        release?.();
        expect(table.bytes.length).toBe(0);
        if (isGivenUp) break;
      }
      if (!isGivenUp) expect(rows / 8 / (manifest.layers[id]?.rows ?? 0)).toBeGreaterThan(0.97);
    }
  } finally {
    await ahead.close();
  }
  expect(ahead.isAlive).toBe(false);
}, 60_000);

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

describe('rows waiting to be sent', () => {
  test('are sent in the order of their keys, unlocated ones last, whole, with their tails', () => {
    const run = new RowRun();
    const block = Buffer.from('aabbbcccccdddddddd');
    run.tails.utf8Text(Buffer.from('!'), 0, 1);
    const tail = run.tails.size;
    run.addFrom(block, 0, 2, 0, 0, 2 ** 43 + 1);
    run.addFrom(block, 2, 5, tail - 1, tail, null);
    run.addFrom(block, 5, 10, tail - 1, tail, 2 ** 43);
    const start = run.rows.size;
    run.rows.raw(Buffer.from('EEEE'));
    run.addOwn(start, 7);
    run.addFrom(block, 10, 18, 0, 0, 7);
    expect([run.count, run.size]).toEqual([5, 24]);
    const pieces = Array.from(run.pieces(8), String);
    expect(pieces).toEqual(['EEEE', 'dddddddd', 'ccccc!aa', 'bbb!']);
  });

  test('a row longer than a piece goes alone', () => {
    const run = new RowRun();
    run.addFrom(Buffer.from('0123456789'), 0, 10, 0, 0, 1);
    run.addFrom(Buffer.from('ab'), 0, 2, 0, 0, 0);
    run.addFrom(Buffer.from('cd'), 0, 2, 0, 0, 2);
    expect(Array.from(run.pieces(4), String)).toEqual(['ab', '0123456789', 'cd']);
  });
});

test('a key is the same key as a text and as bytes', () => {
  const keys = new KeySet();
  const bytes = Buffer.from('x91440699MA0000000Ax');
  hashAscii(bytes, 1, bytes.length - 1);
  expect(keys.addHash(keyHash.a, keyHash.b, keyHash.c)).toBe(0);
  expect(keys.add('91440699MA0000000A')).toBe(-1);
  hashAscii(bytes, 0, 5);
  expect(keys.indexOfHash(keyHash.a, keyHash.b, keyHash.c)).toBe(-1);
});
