import { type Context, row } from '../context.ts';
import type { Area } from '../district.ts';
import type { Shape } from '../files/row.ts';
import { drawName } from '../names.ts';
import type { Point } from '../plane.ts';
import { createRandom } from '../random.ts';
import { type Theme, listed } from './delivery.ts';

function shapeOf(area: Area): Shape {
  return { type: 'Polygon', rings: area.rings.map((ring) => [...ring, ring[0] as Point]) };
}

/** Sums the counts of grids up to communities, towns or the district. */
function sumBy(context: Context, counts: Int32Array, level: 'communities' | 'towns' | 'district'): number[] {
  const { district } = context;
  const sums: number[] = [];
  district.grids.forEach((grid, i) => {
    const community = grid.parent;
    const index =
      level === 'communities' ? community : level === 'towns' ? (district.communities[community] as Area).parent : 0;
    sums[index] = (sums[index] ?? 0) + (counts[i] as number);
  });
  return sums;
}

const km2 = (area: Area): number => Math.round(area.areaKm2 * 1e4) / 1e4;

/** District, towns, communities and micro-grids: one planar partition, so edges match to the last digit. */
export const boundaries: Theme = {
  district_boundary: (context) => {
    const { district } = context.district;
    return listed([
      row(
        {
          code: district.code,
          name: district.name,
          area_km2: km2(district),
          population: sumBy(context, context.perGrid.persons, 'district')[0] ?? 0,
        },
        shapeOf(district),
      ),
    ]);
  },
  town_boundary: (context) => {
    const people = sumBy(context, context.perGrid.persons, 'towns');
    return listed(
      context.district.towns.map((town, i) =>
        row(
          {
            code: town.code,
            name: town.name,
            kind: town.kind === '镇' ? 'town' : 'street',
            area_km2: km2(town),
            population: people[i] ?? 0,
          },
          shapeOf(town),
        ),
      ),
    );
  },
  community_boundary: (context) => {
    const people = sumBy(context, context.perGrid.persons, 'communities');
    const households = sumBy(context, context.perGrid.households, 'communities');
    return listed(
      context.district.communities.map((community, i) =>
        row(
          {
            code: community.code,
            name: community.name,
            kind: community.kind === '村' ? 'village' : 'community',
            town_code: context.district.towns[community.parent]?.code ?? '',
            households: households[i] ?? 0,
            population: people[i] ?? 0,
          },
          shapeOf(community),
        ),
      ),
    );
  },
  governance_grid: (context) => {
    const random = createRandom(context.seed, 'grid leaders');
    return listed(
      context.district.grids.map((grid, i) =>
        row(
          {
            grid_code: grid.code,
            name: grid.name,
            community_code: context.district.communities[grid.parent]?.code ?? '',
            grid_leader: drawName(random.chance(0.45), random),
            households: context.perGrid.households[i] ?? 0,
            population: context.perGrid.persons[i] ?? 0,
            enterprises: context.perGrid.enterprises[i] ?? 0,
          },
          shapeOf(grid),
        ),
      ),
    );
  },
};
