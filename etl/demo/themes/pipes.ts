import { type Context, lineShape, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { TODAY, morning } from '../moment.ts';
import { dayText } from '../people.ts';
import { type Pipe, type SupplyPipe, pipeNetwork } from '../pipe-network.ts';
import { lineLength, pointAlong } from '../plane.ts';
import { type Random, createRandom } from '../random.ts';
import { KERB } from '../roadside.ts';
import { rounded } from '../rounded.ts';
import type { Theme } from './delivery.ts';

const SIZE = { motorway: 0, trunk: 1800, primary: 1500, secondary: 1200, tertiary: 800, residential: 500, lane: 300 };

function sewerMaterial(pipe: Pipe, random: Random): string {
  if (pipe.builtYear < 1980) return random.pick(['brick', 'brick', 'concrete']);
  if (pipe.builtYear < 2002) return random.pick(['concrete', 'concrete', 'iron']);
  return pipe.kind === 'sewage' ? random.pick(['hdpe', 'hdpe', 'iron', 'pvc']) : random.pick(['concrete', 'hdpe']);
}

function* sewers(context: Context): Generator<Row> {
  const random = createRandom(440604, 'sewers');
  for (const pipe of pipeNetwork(context).pipes) {
    const share = pipe.kind === 'sewage' ? 0.6 : 1;
    yield row(
      {
        pipe_no: pipe.no,
        kind: pipe.kind,
        // Before 1990 storms of a year or less were planned for: the old pipes are small.
        diameter_mm:
          Math.round((SIZE[pipe.road.class] * share * (pipe.builtYear < 1990 ? 0.7 : 1)) / 100) * 100 +
          100 * random.int(0, 2),
        material: sewerMaterial(pipe, random),
        built_year: pipe.builtYear,
        slope: rounded(random.between(0.5, pipe.road.class === 'lane' ? 6 : 2.5), 2),
      },
      lineShape(pipe.line),
    );
  }
}

function* manholes(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'manholes');
  for (const { no, kind, at, road } of pipeNetwork(context).manholes) {
    const draw = random.next();
    yield row(
      {
        manhole_no: no,
        kind,
        road: road.name,
        depth_m: rounded(random.between(0.9, 2.2) + SIZE[road.class] / 900 + (kind === 'sewage' ? 0.7 : 0), 2),
        cover_material:
          road.class === 'lane'
            ? random.pick(['concrete', 'iron', 'composite'])
            : random.pick(['iron', 'iron', 'composite']),
        cover_state: draw < 0.958 ? 'intact' : draw < 0.98 ? 'damaged' : draw < 0.997 ? 'sunken' : 'missing',
        fall_net: random.chance(road.class === 'lane' ? 0.62 : 0.93),
        checked_on: dayText(TODAY - random.int(1, 120)),
      },
      pointShape(at),
    );
  }
}

/** Pairs at both kerbs, draining into the nearest manhole of the street's rain sewer. */
function* grates(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'rain grates');
  let n = 0;
  for (const { kind, road, manholes: served } of pipeNetwork(context).pipes) {
    if (kind === 'sewage') continue;
    const pairs = Math.max(1, Math.round(road.length / 58));
    const isSilty = random.chance(0.2);
    for (let k = 0; k < pairs; k++) {
      const share = (k + 0.5) / pairs;
      const { point, angle } = pointAlong(road.line, road.length * share);
      const manhole = served[Math.round(share * (served.length - 1))];
      for (const side of [1, -1]) {
        const d = side * (KERB[road.class] - 0.4);
        const at = [point[0] - Math.sin(angle) * d, point[1] + Math.cos(angle) * d] as const;
        if (!context.isInDistrict(at)) continue;
        n += 1;
        const draw = random.next();
        yield row(
          {
            grate_no: `YS${pad(n, 6)}`,
            manhole_no: manhole?.no ?? null,
            road: road.name,
            kind: road.class === 'lane' ? 'flat' : random.pick(['side', 'flat', 'combined']),
            silt: draw < (isSilty ? 0.3 : 0.8) ? 'none' : draw < 0.9 ? 'light' : 'heavy',
            cleaned_on: dayText(TODAY - random.int(2, isSilty ? 400 : 160)),
          },
          pointShape(at),
        );
      }
    }
  }
}

function supplySize({ road }: SupplyPipe, random: Random): { grade: string; diameter: number } {
  if (road.class === 'trunk') return { grade: 'trunk', diameter: random.pick([1000, 1200, 1400, 1600]) };
  if (road.class === 'primary')
    return { grade: random.chance(0.4) ? 'trunk' : 'distribution', diameter: random.pick([800, 1000]) };
  if (road.class === 'secondary') return { grade: 'distribution', diameter: random.pick([400, 500, 600]) };
  if (road.class === 'tertiary') return { grade: 'distribution', diameter: random.pick([300, 400]) };
  return { grade: 'branch', diameter: road.class === 'lane' ? random.pick([80, 100]) : random.pick([100, 150, 200]) };
}

const PRESSURE: Record<string, number> = { trunk: 0.42, distribution: 0.34, branch: 0.27 };

function* supplyPipes(context: Context): Generator<Row> {
  const random = createRandom(440604, 'water mains');
  for (const pipe of pipeNetwork(context).supply) {
    const { grade, diameter } = supplySize(pipe, random);
    const isOld = pipe.builtYear < 1998;
    yield row(
      {
        pipe_no: pipe.no,
        road: pipe.road.name,
        grade,
        diameter_mm: diameter,
        material: isOld
          ? random.pick(['grey_iron', 'grey_iron', diameter > 500 ? 'concrete' : 'steel'])
          : diameter < 200
            ? random.pick(['pe', 'pe', 'ductile_iron'])
            : random.pick(['ductile_iron', 'ductile_iron', diameter > 800 ? 'steel' : 'ductile_iron']),
        pressure_mpa: rounded((PRESSURE[grade] ?? 0.3) + random.between(-0.04, 0.04), 2),
        built_year: pipe.builtYear,
        length_m: rounded(lineLength(pipe.line), 1),
      },
      lineShape(pipe.line),
    );
  }
}

function* levelSensors(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'sewer levels');
  const { manholes: all } = pipeNetwork(context);
  const total = 240;
  for (let i = 0; i < total; i++) {
    const manhole = all[Math.floor(((i + 0.5) * all.length) / total)];
    if (!manhole) continue;
    const isOnline = random.chance(0.95);
    // A dry November morning: rain sewers are nearly empty, sewage runs at its morning peak.
    const full =
      manhole.kind === 'rain' ? random.between(0, 16) : random.between(34, 72) + (random.chance(0.06) ? 26 : 0);
    yield row(
      {
        sensor_no: `YW${pad(i + 1, 4)}`,
        manhole_no: manhole.no,
        kind: manhole.kind,
        level_m: isOnline ? rounded((full / 100) * (SIZE[manhole.road.class] / 1000), 2) : null,
        full_pct: isOnline ? rounded(full, 1) : null,
        online: isOnline,
        observed_at: morning(random.int(0, 14)),
      },
      pointShape(manhole.at),
    );
  }
}

/** Sewers, their manholes, grates and sensors, and water mains. */
export const pipes: Theme = {
  drainage_pipe: (context) => ({ expected: pipeNetwork(context).pipes.length, rows: sewers(context) }),
  drainage_manhole: (context) => ({ expected: pipeNetwork(context).manholes.length, rows: manholes(context) }),
  rain_grate: (context) => ({ expected: 64_000 * context.scale ** 0.6, rows: grates(context) }),
  water_supply_pipe: (context) => ({ expected: pipeNetwork(context).supply.length, rows: supplyPipes(context) }),
  pipe_level_sensor: (context) => ({ expected: 240, rows: levelSensors(context) }),
};
