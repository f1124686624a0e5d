import { heightOf } from '../buildings.ts';
import { type Context, pad, polygonShape, row } from '../context.ts';
import { elevationOf } from '../elevation.ts';
import type { Row } from '../files/row.ts';
import { type LandUse, parkAt } from '../land-use.ts';
import { type Point, offset, ringArea } from '../plane.ts';
import { KERB } from '../roadside.ts';
import { tenth } from './block-choice.ts';
import type { Theme } from './delivery.ts';
import { stemOf } from './sites.ts';

const KIND: Record<LandUse, { kind: string; zoom: number }> = {
  water: { kind: 'water', zoom: 8 },
  old_town: { kind: 'residential', zoom: 13 },
  village: { kind: 'residential', zoom: 13 },
  estate: { kind: 'residential', zoom: 13 },
  mixed: { kind: 'residential', zoom: 13 },
  commerce: { kind: 'commercial', zoom: 13 },
  office: { kind: 'commercial', zoom: 13 },
  factory: { kind: 'industrial', zoom: 12 },
  public: { kind: 'public', zoom: 13 },
  park: { kind: 'green', zoom: 10 },
  green: { kind: 'green', zoom: 12 },
  farm: { kind: 'farmland', zoom: 11 },
  pond: { kind: 'farmland', zoom: 11 },
};

/** Ground by use, ponds, and the surfaces of the wider streets; the same at every scale, as streets are. */
function* areas(context: Context): Generator<Row> {
  let n = 0;
  const make = (kind: string, zoom: number, name: string | null, ...rings: readonly (readonly Point[])[]): Row => {
    n += 1;
    return row(
      {
        area_code: `DT${pad(n, 6)}`,
        kind,
        name,
        min_zoom: zoom,
        area_m2: tenth(rings.reduce((sum, ring) => sum + ringArea(ring), 0)),
      },
      polygonShape(...rings),
    );
  };
  const { blocks, land } = context.district;
  for (const [index, block] of blocks.entries()) {
    const { kind, zoom } = KIND[block.use];
    const river = land.watercourses[block.water]?.name.replace(/[((].*$/, '');
    const name = block.use === 'park' ? parkAt(block.inner[0], block.inner[1]) : (river ?? null);
    yield make(kind, zoom, name, ...land.map.faceRings(land.faces[index] as number));
  }
  for (const pond of context.ponds) {
    const block = blocks[pond.block];
    if (block) yield make('water', 13, pond.kind === 'lake' ? `${stemOf(context, block)}湖` : null, pond.outline);
  }
  for (const road of context.roads) {
    if (road.class === 'lane' || road.class === 'residential' || road.length < 20) continue;
    const left = offset(road.line, () => KERB[road.class]);
    const right = offset(road.line, () => -KERB[road.class]);
    yield make('road', road.class === 'tertiary' ? 13 : 11, road.name, [...right, ...left.toReversed()]);
  }
}

function* models(context: Context): Generator<Row> {
  const surface = elevationOf(context);
  for (const building of context.buildings) {
    const height = heightOf(building);
    const lod = height > 60 ? 2 : 1;
    yield row(
      {
        building_code: building.code,
        base_m: Math.round(surface.at(building.at[0], building.at[1]) * 100) / 100,
        height_m: height,
        lod,
        model_url: `lod${lod}/${building.code.slice(0, 12)}/${building.code}.glb`,
      },
      polygonShape(building.outline),
    );
  }
}

/** What the vector base map is drawn from, and the block models that stand on the ground. */
export const baseMap: Theme = {
  basemap_area: (context) => ({
    expected: context.district.blocks.length + context.ponds.length,
    rows: areas(context),
  }),
  building_model: (context) => ({ expected: context.buildings.length, rows: models(context) }),
};
