import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import { EVERYTHING } from '../../../server/filter/predicate.ts';
import type { LayerState } from '../../../server/queries/layer-state.ts';
import { layerTile } from '../../../server/tiles/layer-tile.ts';
import { LineCopies } from '../../../server/tiles/line-copies.ts';
import { HALF_WORLD, tileAt } from '../../../server/tiles/tile.ts';
import { testDatabase } from '../../support/database.ts';
import { publishFixture, randomNumbers, removeFixture, worldPixel, type FixtureRow } from '../layer-fixture.ts';

const HERE = [113.1, 23] as const;
const layer: Layer = {
  ...getLayer('road_centerline'),
  id: 'api_line_copy',
  tiles: {
    minzoom: 8,
    maxzoom: 15,
    fields: ['name', 'road_class', 'lanes', 'oneway'],
    detail: { field: 'road_class', from: { branch: 12, alley: 14 } },
  },
};
const CLASSES = ['expressway', 'arterial', 'branch', 'alley'];
const NAMES = ['𠮷祥路', '', null, 'a\u0002b', '东平荣一路'];

let db: Database;
let warnings: unknown[] = [];
const log = { warn: (...said: unknown[]) => void warnings.push(said) };
const copiesOf = () => new LineCopies(db.sql, log);

beforeAll(async () => {
  db = await testDatabase();
});
afterEach(async () => {
  await removeFixture(db, layer);
  warnings = [];
});
afterAll(async () => {
  await db.close();
});

/** Roads all over the place: short and long ones, of several parts, and some without a place or a value. */
function roads(count: number, seed: number): FixtureRow[] {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, (_, index): FixtureRow => {
    const [lon, lat] = [HERE[0] + (random() - 0.5) * 0.2, HERE[1] + (random() - 0.5) * 0.2];
    const reach = index % 10 === 0 ? 0.4 : 0.004;
    const parts = Array.from({ length: index % 7 === 0 ? 3 : 1 }, () => {
      const positions = Array.from({ length: index % 50 === 0 ? 300 : 2 + Math.floor(random() * 6) }, () =>
        [lon + (random() - 0.5) * reach, lat + (random() - 0.5) * reach].join(' '),
      );
      return `(${positions.join()})`;
    });
    return {
      [layer.key]: `L${index}`,
      wkt: index % 23 === 5 ? null : `MULTILINESTRING(${parts.join()})`,
      name: pick(NAMES),
      road_class: pick(CLASSES),
      lanes: pick([1, 4, null]),
      oneway: pick([true, false, null]),
      speed_limit: 40,
    };
  });
}

async function publish(rows: readonly FixtureRow[]): Promise<LayerState> {
  const loadId = await publishFixture(db, layer, rows, false);
  return {
    layerId: layer.id,
    loadId,
    rows: rows.length,
    unlocated: 0,
    bbox: null,
    publishedAt: new Date(),
    confirmedAt: new Date(),
    table: `layers.${layer.id}`,
  };
}

/** Features by id, in the order of their ids: the database gives them in any. */
function featuresOf(tile: Buffer): unknown[] {
  const decoded = new VectorTile(new PbfReader(tile)).layers[layer.id];
  return Array.from({ length: decoded?.length ?? 0 }, (_, index) => {
    const feature = decoded?.feature(index);
    return { id: feature?.id ?? 0, properties: { ...feature?.properties }, geometry: feature?.loadGeometry() };
  }).toSorted((a, b) => a.id - b.id);
}

const here = (z: number) => {
  const [x, y] = worldPixel(HERE);
  const metres = (2 * HALF_WORLD) / 2 ** 30;
  return tileAt(z, x * metres - HALF_WORLD, HALF_WORLD - y * metres);
};

describe('tiles from copies of lines', () => {
  it('are those that the database makes', async () => {
    const state = await publish(roads(1200, 7));
    const copies = copiesOf();
    await copies.read(layer, state);
    let compared = 0;
    for (const z of [8, 10, 11, 12, 13, 14, 15, 17]) {
      const middle = here(z);
      for (const [dx, dy] of [
        [0, 0],
        [1, 0],
        [0, -1],
        [-2, 3],
      ] as const) {
        const tile = { z, x: middle.x + dx, y: middle.y + dy };
        const copied = copies.tile(layer, state, 'staff', tile);
        if (copied === null) throw new Error('no copy');
        const features = featuresOf(copied);
        expect(features).toEqual(featuresOf(await layerTile(db.sql, layer, 'staff', tile, EVERYTHING, state.table)));
        compared += features.length;
      }
    }
    expect(compared).toBeGreaterThan(2000);
  });

  it('begin when a few tiles of a load were asked for', async () => {
    const state = await publish(roads(50, 8));
    const copies = copiesOf();
    const asked = () => copies.tile(layer, state, 'public', here(14));
    expect([asked(), asked()]).toEqual([null, null]);
    await new Promise((done) => setTimeout(done, 300));
    expect(asked()).toBeNull();
    await expect.poll(asked, { timeout: 10_000 }).not.toBeNull();
  });

  it('never answer for another load', async () => {
    const before = await publish(roads(50, 9));
    const copies = copiesOf();
    await copies.read(layer, before);
    const after = await publish(roads(50, 10));
    expect(copies.tile(layer, after, 'staff', here(14))).toBeNull();
    // While a load is held back, the version before is answered from where its rows are then.
    expect(copies.tile(layer, { ...before, table: 'history.of_then' }, 'staff', here(14))).not.toBeNull();
    // What is live by now are not the rows of the load before.
    const late = copiesOf();
    await late.read(layer, before);
    expect(late.tile(layer, before, 'staff', here(14))).toBeNull();
    await late.read(layer, after);
    const fresh = late.tile(layer, after, 'staff', here(13));
    expect(featuresOf(fresh ?? Buffer.alloc(0))).toEqual(
      featuresOf(await layerTile(db.sql, layer, 'staff', here(13), EVERYTHING)),
    );
  });

  it('are not made of what is masked, of other shapes, or of large layers', async () => {
    const state = await publish(roads(50, 11));
    const copies = copiesOf();
    await copies.read(layer, { ...state, rows: 60_000 });
    expect(copies.tile(layer, state, 'staff', here(14))).toBeNull();
    await copies.read(layer, state);
    expect(copies.tile({ ...layer, geometry: 'polygon' }, state, 'staff', here(14))).toBeNull();
    const { name } = layer.fields;
    if (name === undefined) throw new Error('roads have names');
    const masked: Layer = { ...layer, fields: { ...layer.fields, name: { ...name, mask: 'name' } } };
    const tile = copies.tile(masked, state, 'staff', here(10));
    expect(
      new VectorTile(new PbfReader(tile ?? Buffer.alloc(0))).layers[layer.id]?.feature(0).properties,
    ).not.toHaveProperty('name');
  });

  it('leave the database to answer when they cannot be read', async () => {
    const state = await publish(roads(10, 12));
    await db.sql.unsafe(`drop table layers.${layer.id}`);
    const copies = copiesOf();
    for (let i = 0; i < 5; i += 1) expect(copies.tile(layer, state, 'staff', here(14))).toBeNull();
    await expect.poll(() => warnings.length, { timeout: 10_000 }).toBe(1);
  });
});
