import { contoursAt } from '../contours.ts';
import { type Context, lineShape, pad, pointShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import { elevationOf } from '../elevation.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { BANK, pondness } from '../land.ts';
import { dayText } from '../people.ts';
import type { Point } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { pointIn } from './block-choice.ts';
import { type Theme, listed } from './delivery.ts';
import { siteNear, stemOf } from './sites.ts';

/** Points of a contour in one feature: a sheet of a topographic map is about that wide. */
const LONGEST = 40;

const hundredth = (value: number): number => Math.round(value * 100) / 100;

/** Whole metres everywhere, half metres where the plain would otherwise be empty, cut into pieces within the outline. */
function* contours(context: Context): Generator<Row> {
  const surface = elevationOf(context);
  const levels = [
    0,
    0.5,
    1,
    1.5,
    2,
    2.5,
    3,
    3.5,
    4,
    5,
    ...Array.from({ length: 23 }, (_, i) => 6 + 2 * i),
    15,
    25,
    35,
    45,
  ];
  let n = 0;
  for (const level of levels) {
    const kind = level % 1 !== 0 ? 'supplementary' : level % 5 === 0 ? 'index' : 'intermediate';
    for (const line of contoursAt(surface, level, 3)) {
      let piece: Point[] = [];
      const finish = function* (): Generator<Row> {
        if (piece.length < 6) return;
        n += 1;
        yield row(
          {
            line_no: `DG${pad(n, 6)}`,
            elevation_m: level,
            interval_m: kind === 'supplementary' ? 0.5 : 1,
            kind,
          },
          lineShape(piece),
        );
      };
      for (const at of line) {
        if (!surface.covers(at)) {
          yield* finish();
          piece = [];
          continue;
        }
        piece.push(at);
        if (piece.length < LONGEST) continue;
        yield* finish();
        piece = [at];
      }
      yield* finish();
    }
  }
}

function* spotHeights(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'spot heights');
  const surface = elevationOf(context);
  const dry = context.district.blocks.filter((block) => block.use !== 'water');
  const pick = weightedPicker(dry.map((block) => block.area));
  const total = Math.round(42_000 * context.scale);
  for (let n = 1; n <= total; n++) {
    const at = pointIn(dry[pick(random)] as Block, random);
    yield row(
      {
        point_no: `GC${pad(n, 6)}`,
        elevation_m: hundredth(surface.at(at[0], at[1]) + 0.03 * random.normal()),
        accuracy_m: random.pick([0.05, 0.05, 0.1, 0.1, 0.2]),
        surveyed_on: dayText(20_758 - random.int(200, 2200)),
      },
      pointShape(at),
    );
  }
}

/** Soft ground sinks: the pond country most, the old town least. Rates follow the height of the ground. */
function sinkingPoints(context: Context): Row[] {
  const random = createRandom(context.seed, 'subsidence');
  const surface = elevationOf(context);
  return siteNear(context, 120, (block) => block.area > 2000 && block.use !== 'park', random).map(({ at }, i) => {
    const soft = Math.max(0, 2.6 - surface.at(at[0], at[1])) * 5 + 12 * pondness(at[0], at[1]);
    const rate = Math.max(0.4, 2.5 + soft + 2.2 * random.normal());
    return row(
      {
        station_no: `CJ${pad(i + 1, 4)}`,
        rate_mm_y: Math.round(rate * 10) / 10,
        total_mm: Math.round(rate * random.between(3, 11)),
        measured_at: `${dayText(20_758 - random.int(1, 28))}T${pad(random.int(8, 17), 2)}:00:00+08:00`,
      },
      pointShape(at),
    );
  });
}

const HAZARD_TITLE = {
  collapse: '崩塌隐患点',
  landslide: '滑坡隐患点',
  bank_failure: '堤岸崩退隐患点',
  subsidence: '地面沉降隐患点',
  karst: '地面塌陷隐患点',
} as const;

/** On the slopes of the hills, along the rivers' banks and on the softest ground. */
function hazards(context: Context): Row[] {
  const random = createRandom(context.seed, 'geological hazards');
  const surface = elevationOf(context);
  const dry = context.district.blocks.filter((block) => block.use !== 'water');
  const slopes: Point[] = [];
  const d = surface.post * 2;
  for (let j = 2; j < surface.rows - 2; j += 2) {
    for (let i = 2; i < surface.columns - 2; i += 2) {
      const x = surface.left + i * surface.post;
      const y = surface.bottom + j * surface.post;
      if (surface.at(x, y) < 9) continue;
      const steep = Math.hypot(
        surface.at(x + d, y) - surface.at(x - d, y),
        surface.at(x, y + d) - surface.at(x, y - d),
      );
      if (steep / (2 * d) > 0.12) slopes.push([x, y]);
    }
  }
  const banks = dry.filter((block) => block.sides.includes(BANK));
  const soft = dry.filter((block) => surface.at(block.inner[0], block.inner[1]) < 1.1);
  return Array.from({ length: 36 }, (_, i) => {
    const kind = i < 17 ? random.pick(['collapse', 'landslide'] as const) : i < 27 ? 'bank_failure' : 'subsidence';
    const hazard = i === 35 ? 'karst' : kind;
    let at: Point = random.pick(slopes);
    if (hazard === 'bank_failure') {
      const block = random.pick(banks);
      const side = block.sides.indexOf(BANK);
      const a = block.ring[side] as Point;
      const b = block.ring[(side + 1) % block.ring.length] as Point;
      at = [(a[0] + b[0]) * 0.49 + block.inner[0] * 0.02, (a[1] + b[1]) * 0.49 + block.inner[1] * 0.02];
    } else if (i >= 27) at = random.pick(soft).inner;
    const near = dry.reduce((best, block) =>
      Math.hypot(block.inner[0] - at[0], block.inner[1] - at[1]) <
      Math.hypot(best.inner[0] - at[0], best.inner[1] - at[1])
        ? block
        : best,
    );
    const people = random.int(0, 60);
    return row(
      {
        hazard_no: `DZ${pad(i + 1, 4)}`,
        name: `${stemOf(context, near)}${HAZARD_TITLE[hazard]}`,
        hazard_kind: hazard,
        level: people > 50 ? 'medium' : 'small',
        threat_people: people,
        owner_phone: makePhone(random),
        checked_on: dayText(20_758 - random.int(0, 40)),
      },
      pointShape(at),
    );
  });
}

function controlPoints(context: Context): Row[] {
  const random = createRandom(context.seed, 'control points');
  const pickGrade = weightedPicker([0.03, 0.12, 0.3, 0.55]);
  return siteNear(context, 310, (block) => block.area > 3000, random).map(({ at }, i) => {
    const year = random.int(1986, 2024);
    const draw = random.next();
    const lost = (2026 - year) / 160;
    return row(
      {
        point_no: `KZ${pad(i + 1, 4)}`,
        grade: (['second', 'third', 'fourth', 'first_level'] as const)[pickGrade(random)] ?? 'first_level',
        crs: random.chance(0.8) ? 'cgcs2000' : 'foshan2000',
        built_year: year,
        status: draw < lost ? 'lost' : draw < lost * 1.5 ? 'damaged' : 'intact',
      },
      pointShape(at),
    );
  });
}

/** Heights, what moves them, and what they are measured from. */
export const terrain: Theme = {
  contour_line: (context) => listed([...contours(context)]),
  elevation_point: (context) => ({ expected: 42_000 * context.scale, rows: spotHeights(context) }),
  subsidence_monitor: (context) => listed(sinkingPoints(context)),
  geohazard_point: (context) => listed(hazards(context)),
  survey_control_point: (context) => listed(controlPoints(context)),
};
