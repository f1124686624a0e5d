import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { pumpStations, sluices } from '../hydraulic-works.ts';
import { moment, TODAY, morning } from '../moment.ts';
import { type Point, ringArea } from '../plane.ts';
import { createRandom } from '../random.ts';
import { alongReaches } from '../reaches.ts';
import { rounded } from '../rounded.ts';
import { type Theme, listed } from './delivery.ts';
import { loggingSpots } from './monitoring.ts';

function sluiceRows(context: Context): Row[] {
  const random = createRandom(context.seed, 'sluices');
  return sluices(context).map(({ name, at, reach, isMouth, builtYear }, i) => {
    const openings = isMouth ? random.int(2, 6) : random.int(1, 3);
    const width = openings * random.pick(isMouth ? [4, 5, 6] : [2.5, 3, 4]);
    return row(
      {
        sluice_no: `SZ${pad(i + 1, 3)}`,
        name,
        reach_code: reach.code,
        kind: isMouth
          ? 'flood'
          : name.endsWith('节制闸')
            ? 'control'
            : name.endsWith('排水闸')
              ? 'drain'
              : random.pick(['control', 'drain', 'intake']),
        openings,
        width_m: width,
        design_flow: rounded(width * random.between(2.6, 4.4), 1),
        // Low water in November: most gates stand open and let the tide flush the creeks.
        gate_state: random.pick(['open', 'open', 'open', 'partly', 'closed', isMouth ? 'open' : 'repair']),
        built_year: builtYear,
      },
      pointShape(at),
    );
  });
}

function pumpRows(context: Context): Row[] {
  const random = createRandom(context.seed, 'pumps');
  return pumpStations(context).map(({ no, name, at, reach, units, flow, builtYear }) =>
    row(
      {
        station_no: no,
        name,
        reach_code: reach.code,
        scale: flow >= 50 ? 'large' : flow >= 10 ? 'medium' : 'small',
        units,
        installed_kw: Math.round(flow * random.between(48, 66)),
        design_flow: flow,
        serves: `${reach.stem}片区`,
        built_year: builtYear,
      },
      pointShape(at),
    ),
  );
}

function operations(context: Context): Row[] {
  const random = createRandom(context.seed, 'pump operation');
  return pumpStations(context).map(({ no, name, units, flow, isMouth }, i) => {
    const draw = random.next();
    const state = draw < 0.14 ? 'running' : draw < 0.93 ? 'standby' : draw < 0.97 ? 'fault' : 'offline';
    const on = state === 'running' ? random.int(1, Math.max(1, units >> 1)) : 0;
    const inner = random.between(0.25, 0.75);
    return row({
      record_no: `GK${pad(i + 1, 3)}`,
      station_no: no,
      station_name: name,
      run_state: state,
      units_on: state === 'offline' ? null : on,
      inner_level_m: state === 'offline' ? null : rounded(inner, 2),
      outer_level_m:
        state === 'offline'
          ? null
          : rounded(inner + (isMouth ? random.between(-0.2, 0.9) : random.between(-0.1, 0.3)), 2),
      flow_m3s: state === 'offline' ? null : rounded((flow / units) * on * random.between(0.86, 0.99), 2),
      observed_at: morning(random.int(0, 9)),
    });
  });
}

function flowStations(context: Context): Row[] {
  const random = createRandom(context.seed, 'flow stations');
  const names = new Map<string, number>();
  const places = [
    ...alongReaches(context, 10, (r) => r.kind === 'river'),
    ...alongReaches(context, 8, (r) => r.kind === 'creek'),
  ];
  return places.map(({ reach, share }, i) => {
    const n = (names.get(reach.river) ?? 0) + 1;
    names.set(reach.river, n);
    const velocity = reach.kind === 'river' ? random.between(0.3, 0.8) : random.between(0.04, 0.3);
    const depth = reach.width > 100 ? 6.5 : reach.kind === 'river' ? 3 : 1.4;
    return row(
      {
        station_no: `440604SL${pad(i + 1, 3)}`,
        name: `${reach.name.replace(/段\d*$/, '')}流量站${n > 1 ? n : ''}`,
        river: reach.river,
        reach_code: reach.code,
        flow_m3s: rounded(velocity * depth * reach.width * 0.8, 1),
        velocity_mps: rounded(velocity, 2),
        level_m: rounded(reach.kind === 'river' ? random.between(0.6, 2.4) : random.between(0.2, 0.9), 2),
        observed_at: morning(random.int(0, 5) * 5),
      },
      pointShape(reach.line[Math.floor(share * (reach.line.length - 1))] as Point),
    );
  });
}

/** Storms that were modelled, and how deep and wide water then stands at a spot of high, medium and low risk. */
const PERIODS = [100, 50, 20, 10, 5] as const;
const REACH: Record<(typeof PERIODS)[number], number> = { 100: 1, 50: 0.84, 20: 0.66, 10: 0.5, 5: 0.36 };
const RISK: Record<string, number> = { high: 1, medium: 0.72, low: 0.5 };

/** A puddle along a street: longer than wide, with a wavering edge. */
function puddle(at: Point, angle: number, length: number, phase: number): Point[] {
  return Array.from({ length: 26 }, (_, i): Point => {
    const a = (i / 26) * 2 * Math.PI;
    const swing =
      1 + 0.14 * Math.sin(2 * a + phase) + 0.1 * Math.sin(3 * a - phase * 2) + 0.05 * Math.sin(7 * a + phase);
    const u = length * swing * Math.cos(a);
    const v = length * 0.42 * swing * Math.sin(a);
    return [at[0] + u * Math.cos(angle) - v * Math.sin(angle), at[1] + u * Math.sin(angle) + v * Math.cos(angle)];
  });
}

/** For each spot and storm three bands: the shallow edge has a hole where the deeper band lies. */
function inundation(context: Context): Row[] {
  const random = createRandom(440604, 'inundation');
  const spots = loggingSpots(context).map((spot) => ({
    ...spot,
    phase: random.between(0, 6.28),
    size: random.between(70, 150),
  }));
  const rows: Row[] = [];
  for (const period of PERIODS) {
    for (const { no, at, angle, row: spot, phase, size } of spots) {
      const risk = RISK[String(spot.values.level)] ?? 0.6;
      const length = size * REACH[period] * (0.6 + 0.4 * risk);
      const deepest = (spot.values.cause === 'underpass' ? 1.25 : 0.62) * REACH[period] * risk + 0.08;
      const rings = [1, 0.66, 0.36].map((share) => puddle(at, angle, length * share, phase));
      rings.forEach((ring, band) => {
        const hole = rings[band + 1];
        rows.push(
          row(
            {
              area_no: `YM${pad(rows.length + 1, 5)}`,
              run_id: `MX20261031T20P${pad(period, 3)}`,
              return_period_y: period,
              spot_no: no,
              depth_m: rounded(deepest * ([0.22, 0.55, 1][band] ?? 1), 2),
              area_m2: rounded(ringArea(ring) - (hole ? ringArea(hole) : 0), 1),
              valid_at: moment(TODAY - 1, 20, 0),
            },
            hole ? polygonShape(ring, hole.toReversed()) : polygonShape(ring),
          ),
        );
      });
    }
  }
  return rows;
}

/** What holds water back, lifts it, measures it, and where it would stand. */
export const hydraulics: Theme = {
  sluice: (context) => listed(sluiceRows(context)),
  pump_station: (context) => listed(pumpRows(context)),
  pump_operation: (context) => listed(operations(context)),
  flow_station: (context) => listed(flowStations(context)),
  inundation_model: (context) => listed(inundation(context)),
};
