import { type Building, heightOf } from '../buildings.ts';
import { type Context, lineShape, pad, polygonShape, row } from '../context.ts';
import { bendPoint } from '../land.ts';
import type { Row } from '../files/row.ts';
import { estateName } from '../names.ts';
import { type Point, isInside, lineLength, ringArea } from '../plane.ts';
import { createRandom } from '../random.ts';
import { type Theme, listed } from './delivery.ts';

/** All buildings with their names; many have none. The same every time. */
export function* namedBuildings(context: Context): Generator<{ building: Building; name: string | null }> {
  const random = createRandom(context.seed, 'building names');
  const estates = new Map<number, string>();
  for (const building of context.buildings) {
    const block = context.blockOf(building);
    let name: string | null = null;
    if (block.use === 'estate') {
      const estate = estates.get(building.block) ?? estateName(random);
      estates.set(building.block, estate);
      name = `${estate}${random.int(1, 30)}座`;
    } else if (building.usage === 'office' || building.usage === 'commercial') {
      name = random.chance(0.6)
        ? `${estateName(random).slice(0, 2)}${building.usage === 'office' ? '大厦' : '广场'}`
        : null;
    }
    yield { building, name };
  }
}

function* buildings(context: Context): Generator<Row> {
  for (const { building, name } of namedBuildings(context)) {
    const block = context.blockOf(building);
    yield row(
      {
        building_code: building.code,
        name,
        usage: building.usage,
        floors: building.floors,
        height_m: heightOf(building),
        built_year: building.builtYear,
        grid_code: context.district.grids[block.grid]?.code ?? null,
      },
      polygonShape(building.outline),
    );
  }
}

const ROAD = {
  motorway: { road_class: 'expressway', lanes: 8, speed_limit: 100 },
  trunk: { road_class: 'arterial', lanes: 8, speed_limit: 60 },
  primary: { road_class: 'arterial', lanes: 6, speed_limit: 60 },
  secondary: { road_class: 'secondary', lanes: 4, speed_limit: 50 },
  tertiary: { road_class: 'branch', lanes: 4, speed_limit: 40 },
  residential: { road_class: 'branch', lanes: 2, speed_limit: 30 },
  lane: { road_class: 'alley', lanes: 1, speed_limit: 20 },
};

function* roads(context: Context): Generator<Row> {
  const random = createRandom(440604, 'roads');
  let n = 0;
  for (const road of context.roads) {
    n += 1;
    const { road_class, lanes, speed_limit } = ROAD[road.class];
    yield row(
      {
        road_code: `L${pad(n, 6)}`,
        name: road.name,
        road_class,
        lanes,
        oneway: road.class === 'lane' && random.chance(0.3),
        speed_limit,
      },
      lineShape(road.line),
    );
  }
}

/** Pieces of each watercourse as the map has them, lakes, village ponds and fish ponds. */
function waterAreas(context: Context): Row[] {
  const { land, blocks } = context.district;
  const region = new Int32Array(land.map.start.length).fill(-1);
  land.faces.forEach((face, i) => {
    const { water } = blocks[i] as { water: number };
    if (water >= 0) region[face] = water;
  });
  const rows: Row[] = [];
  const add = (name: string, kind: string, rings: readonly (readonly Point[])[]): void => {
    const area = rings.reduce((sum, ring) => sum + ringArea(ring), 0);
    if (area < 40) return;
    rows.push(
      row(
        { water_code: `WA${pad(rows.length + 1, 6)}`, name, kind, area_m2: Math.round(area * 10) / 10 },
        polygonShape(...rings),
      ),
    );
  };
  land.map.regionRings(region, land.watercourses.length).forEach((rings, i) => {
    const { name, kind } = land.watercourses[i] as { name: string; kind: string };
    const holes = rings.filter((ring) => ringArea(ring) < 0);
    for (const outer of rings.filter((ring) => ringArea(ring) > 0)) {
      add(name, kind, [
        outer,
        ...holes.filter((hole) => isInside(outer, (hole[0] as Point)[0], (hole[0] as Point)[1])),
      ]);
    }
  });
  const names = { lake: '湖', village: '塘', fish: '鱼塘' };
  context.ponds.forEach((pond, i) => {
    // The small fish ponds are the agriculture bureau's affair.
    if (pond.kind === 'fish' && ringArea(pond.outline) < 5200) return;
    const community =
      context.district.communities[blocks[pond.block]?.community ?? 0]?.name.replace(/(社区|村)$/, '') ?? '';
    add(`${community}${names[pond.kind]}${pond.kind === 'fish' ? i + 1 : ''}`, pond.kind === 'lake' ? 'lake' : 'pond', [
      pond.outline,
    ]);
  });
  return rows;
}

/** Centre lines in reaches of about 700 m. */
function waterLines(context: Context): Row[] {
  const rows: Row[] = [];
  const inDistrict = (p: Point): boolean => isInside(outline, p[0], p[1]);
  const region = new Int32Array(context.district.land.map.start.length).fill(-1);
  for (const face of context.district.land.faces) region[face] = 0;
  const outline =
    context.district.land.map.regionRings(region, 1)[0]?.toSorted((p, q) => ringArea(q) - ringArea(p))[0] ?? [];
  for (const river of context.district.land.watercourses) {
    let reach: Point[] = [];
    const finish = (): void => {
      const length = lineLength(reach);
      if (reach.length > 1 && length > 30) {
        rows.push(
          row(
            {
              water_code: `WL${pad(rows.length + 1, 6)}`,
              name: river.name,
              kind: river.kind,
              length_m: Math.round(length * 10) / 10,
              width_m: river.width,
            },
            lineShape(reach),
          ),
        );
      }
    };
    for (const p of river.centre.map(bendPoint)) {
      if (!inDistrict(p)) {
        finish();
        reach = [];
        continue;
      }
      reach.push(p);
      if (lineLength(reach) > 700) {
        finish();
        reach = [p];
      }
    }
    finish();
  }
  return rows;
}

/** Buildings, streets and water: what makes the map look like the city. */
export const fabric: Theme = {
  building_footprint: (context) => ({ expected: context.buildings.length, rows: buildings(context) }),
  road_centerline: (context) => ({ expected: context.roads.length, rows: roads(context) }),
  water_area: (context) => listed(waterAreas(context)),
  water_line: (context) => listed(waterLines(context)),
};
