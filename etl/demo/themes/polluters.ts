import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { TODAY, morning } from '../moment.ts';
import { dayText } from '../people.ts';
import type { Point } from '../plane.ts';
import { type Polluter, keyPolluters, pollutersOf } from '../polluters.ts';
import { type Random, createRandom } from '../random.ts';
import { rounded } from '../rounded.ts';
import { type Theme, listed } from './delivery.ts';
import { everyFew } from './block-choice.ts';
import { middling, stemOf } from './sites.ts';

function* sources(context: Context): Generator<Row> {
  for (const { no, firm, kind, risk, grid } of pollutersOf(context)) {
    yield row(
      {
        source_no: no,
        uscc: firm.uscc,
        name: firm.name,
        industry_code: firm.industryCode,
        kind,
        risk_level: risk,
        grid_code: context.district.grids[grid]?.code ?? null,
      },
      pointShape(firm.at),
    );
  }
}

function keyList(context: Context): Row[] {
  const random = createRandom(context.seed, 'key polluters');
  return keyPolluters(context).map(({ no, firm, kind }, i) =>
    row(
      {
        list_no: `ZD2026${pad(i + 1, 4)}`,
        source_no: no,
        uscc: firm.uscc,
        name: firm.name,
        media: random.chance(0.12) ? 'risk' : kind === 'solid' ? 'soil' : kind,
        industry_code: firm.industryCode,
        list_year: 2026,
      },
      pointShape(firm.at),
    ),
  );
}

const LIMITS = {
  air: '颗粒物 30 mg/m³;二氧化硫 50 mg/m³;氮氧化物 180 mg/m³',
  water: '化学需氧量 90 mg/L;氨氮 10 mg/L;pH 6-9',
  solid: '危险废物贮存不超过一年',
  noise: '昼间 65 dB(A);夜间 55 dB(A)',
};

/** Key polluters hold a full permit; of the others those with more risk come first. */
function permits(context: Context): Row[] {
  const random = createRandom(context.seed, 'permits');
  const key = new Set(keyPolluters(context));
  const rank = { major: 0, considerable: 1, general: 2 };
  const holders = pollutersOf(context)
    .filter(({ firm }) => firm.status === 'active')
    .toSorted((a, b) => Number(key.has(b)) - Number(key.has(a)) || rank[a.risk] - rank[b.risk])
    .slice(0, middling(1420, context.scale));
  return holders.map((polluter) => {
    const { no, firm, kind, risk } = polluter;
    const category = key.has(polluter) ? 'key' : risk === 'general' ? 'registered' : 'simplified';
    const from = TODAY - random.int(20, 1800);
    return row({
      permit_no: `${firm.uscc}001${category === 'registered' ? 'R' : category === 'key' ? 'V' : 'P'}`,
      source_no: no,
      uscc: firm.uscc,
      name: firm.name,
      category,
      limits: LIMITS[kind],
      valid_from_on: dayText(from),
      // Five years at a time.
      valid_until: dayText(from + 1826),
    });
  });
}

/** Share of the limit of the hour: most keep well below it, a few are over. */
function limitRatio(random: Random): number {
  const draw = random.next();
  if (draw < 0.9) return random.between(0.12, 0.78);
  return draw < 0.965 ? random.between(0.8, 0.99) : random.between(1.01, 1.6);
}

function stateOf(random: Random): 'normal' | 'stopped' | 'maintenance' | 'fault' {
  const draw = random.next();
  return draw < 0.88 ? 'normal' : draw < 0.94 ? 'stopped' : draw < 0.97 ? 'maintenance' : 'fault';
}

/** `count` outlets at factories of one kind, the riskiest first; large works have more than one. */
function outlets(context: Context, kind: Polluter['kind'], count: number): { polluter: Polluter; at: Point }[] {
  const random = createRandom(440604, `outlets ${kind}`);
  const rank = { major: 0, considerable: 1, general: 2 };
  const works = pollutersOf(context)
    .filter(({ firm, kind: own }) => own === kind && firm.section === 'C' && firm.status === 'active')
    .toSorted((a, b) => rank[a.risk] - rank[b.risk]);
  return Array.from({ length: works.length > 0 ? count : 0 }, (_, i) => {
    const polluter = works[i % Math.min(works.length, Math.ceil(count * 0.8))] as Polluter;
    const [x, y] = polluter.firm.at;
    const [cx, cy] = polluter.firm.building.at;
    const pull = random.between(0.2, 0.9);
    return { polluter, at: [x + (cx - x) * pull, y + (cy - y) * pull] as const };
  });
}

function exhaust(context: Context): Row[] {
  const random = createRandom(context.seed, 'exhaust');
  return outlets(context, 'air', 214).map(({ polluter, at }, i) => {
    const state = stateOf(random);
    const isRunning = state === 'normal';
    const ratio = limitRatio(random);
    const part = random.pick(['so2', 'nox', 'nox', 'dust']);
    const level = (name: string, limit: number): number | null =>
      isRunning ? rounded(limit * (part === name ? ratio : ratio * random.between(0.3, 0.95)), 1) : null;
    return row(
      {
        outlet_no: `DA${pad(i + 1, 5)}`,
        source_no: polluter.no,
        name: polluter.firm.name,
        so2: level('so2', 50),
        nox: level('nox', 180),
        dust: level('dust', 30),
        limit_ratio: isRunning ? rounded(ratio, 2) : null,
        state,
        observed_at: morning(0),
      },
      pointShape(at),
    );
  });
}

function wastewater(context: Context): Row[] {
  const random = createRandom(context.seed, 'wastewater');
  return outlets(context, 'water', 268).map(({ polluter, at }, i) => {
    const state = stateOf(random);
    const isRunning = state === 'normal';
    const ratio = limitRatio(random);
    const isCod = random.chance(0.6);
    return row(
      {
        outlet_no: `DW${pad(i + 1, 5)}`,
        source_no: polluter.no,
        name: polluter.firm.name,
        cod: isRunning ? rounded(90 * (isCod ? ratio : ratio * random.between(0.3, 0.95)), 1) : null,
        nh3n: isRunning ? rounded(10 * (isCod ? ratio * random.between(0.2, 0.95) : ratio), 2) : null,
        ph: isRunning ? rounded(random.between(6.4, 8.6), 2) : null,
        flow_m3h: isRunning
          ? rounded(polluter.risk === 'general' ? random.between(0.5, 14) : random.between(6, 90), 1)
          : 0,
        limit_ratio: isRunning ? rounded(ratio, 2) : null,
        state,
        observed_at: morning(0),
      },
      pointShape(at),
    );
  });
}

/** At four sides of every seventh industrial park. What blows over the fence is highest on the lee side. */
function fences(context: Context): Row[] {
  const random = createRandom(context.seed, 'voc fences');
  const rows: Row[] = [];
  // The parks of the industrial_park layer, numbered as there.
  const parks = everyFew(context, 96, (block) => block.use === 'factory' && block.area > 24_000);
  const wind = 20;
  parks.forEach(({ block }, i) => {
    if (i % 7 !== 3 || rows.length >= 52) return;
    const emits = random.between(60, 420);
    for (let k = 0; k < 4; k++) {
      const corner = block.ring[Math.floor((k * block.ring.length) / 4)] as Point;
      const at: Point = [
        corner[0] + (block.inner[0] - corner[0]) * 0.06,
        corner[1] + (block.inner[1] - corner[1]) * 0.06,
      ];
      if (!context.isInDistrict(at)) continue;
      const towards = Math.atan2(at[0] - block.inner[0], at[1] - block.inner[1]);
      const lee = Math.max(0, -Math.cos(towards - (wind * Math.PI) / 180));
      const isOnline = random.chance(0.96);
      rows.push(
        row(
          {
            station_no: `VOC${pad(rows.length + 1, 3)}`,
            park_code: `YQ${pad(i + 1, 3)}`,
            park: `${stemOf(context, block)}工业园`,
            tvoc_ppb: isOnline ? rounded(45 + emits * (0.25 + lee) * random.between(0.8, 1.25), 1) : null,
            wind_dir: isOnline ? wind + random.int(-14, 14) : null,
            wind_mps: isOnline ? rounded(random.between(0.8, 2.6), 1) : null,
            online: isOnline,
            observed_at: morning(random.int(0, 4)),
          },
          pointShape(at),
        ),
      );
    }
  });
  return rows;
}

/** Who gives off what, with permits and with what their outlets measure. */
export const polluters: Theme = {
  pollution_source: (context) => ({ expected: pollutersOf(context).length, rows: sources(context) }),
  key_polluter: (context) => listed(keyList(context)),
  pollutant_permit: (context) => listed(permits(context)),
  exhaust_cems: (context) => listed(exhaust(context)),
  wastewater_online: (context) => listed(wastewater(context)),
  voc_fence: (context) => listed(fences(context)),
};
