import { type Context, lineShape, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { morning } from '../moment.ts';
import { oncePerDistrict } from '../once.ts';
import { type Point, lineLength } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { type Reach, alongReaches, onBank, reachesOf } from '../reaches.ts';
import { rounded } from '../rounded.ts';
import { bearing } from '../traffic.ts';
import { type Theme, listed } from './delivery.ts';

const isNavigable = (reach: Reach): boolean => reach.kind === 'river';

/** Grade, depth (m) and width (m) of the channel. */
const CHANNEL: Record<string, [string, number, number]> = {
  东平水道: ['III', 4.2, 80],
  顺德水道: ['III', 4.5, 90],
  潭洲水道: ['IV', 3.2, 60],
  汾江河: ['VII', 1.6, 24],
};

function waterways(context: Context): Row[] {
  const pieces: { river: string; line: Point[] }[] = [];
  for (const reach of reachesOf(context).filter(isNavigable)) {
    const last = pieces.at(-1);
    const end = last?.line.at(-1);
    const goesOn =
      last && end && last.river === reach.river && end[0] === reach.line[0]?.[0] && end[1] === reach.line[0]?.[1];
    if (goesOn && lineLength(last.line) < 3100) last.line.push(...reach.line.slice(1));
    else pieces.push({ river: reach.river, line: [...reach.line] });
  }
  return pieces.map(({ river, line }, i) => {
    const [grade, depth, width] = CHANNEL[river] ?? ['VII', 1.6, 24];
    return row(
      {
        waterway_no: `HD${pad(i + 1, 3)}`,
        name: `${river}${grade === 'VII' ? '航道' : '主航道'}${pieces.slice(0, i).filter((piece) => piece.river === river).length + 1}段`,
        grade,
        depth_m: rounded(depth + ((i * 7) % 5) * 0.1, 1),
        width_m: width,
        length_m: rounded(lineLength(line), 1),
        maintainer: '佛山航道事务中心',
      },
      lineShape(line),
    );
  });
}

interface Wharf {
  name: string;
  at: Point;
  reach: Reach;
  cargo: string;
  isOpen: boolean;
}

/** Clay and sand for the ceramics works are landed in 南庄 and 石湾; boats for visitors leave from the town's quays. */
const wharves = oncePerDistrict((context: Context): Wharf[] => {
  const random = createRandom(440604, 'wharves');
  const list: Wharf[] = [];
  for (const { reach, share } of alongReaches(context, 64, isNavigable)) {
    const town = context.district.towns[reach.town]?.name;
    const cargo =
      reach.river === '汾江河'
        ? random.pick(['passenger', 'general', 'passenger'])
        : random.pick(
            town === '南庄镇'
              ? ['clay', 'clay', 'building', 'general', 'oil']
              : ['clay', 'building', 'general', 'container', 'passenger'],
          );
    const side = random.chance(0.5) ? 'left' : 'right';
    const at = onBank(reach, share, side, -7);
    list.push({
      name: `${reach.stem}${{ clay: '陶瓷原料', building: '建材', general: '货运', oil: '油品', container: '集装箱', passenger: '客运' }[cargo] ?? ''}码头`,
      at,
      reach,
      cargo,
      isOpen: random.chance(0.82),
    });
  }
  return list;
});

function wharfRows(context: Context): Row[] {
  const random = createRandom(context.seed, 'wharves');
  const counts = new Map<string, number>();
  return wharves(context).map(({ name, at, reach, cargo, isOpen }, i) => {
    const n = (counts.get(name) ?? 0) + 1;
    counts.set(name, n);
    return row(
      {
        wharf_no: `MT${pad(i + 1, 3)}`,
        name: n === 1 ? name : `${name}${n}号`,
        river: reach.river,
        berths: cargo === 'container' ? random.int(3, 6) : random.int(1, 4),
        tonnage:
          reach.width > 200
            ? random.pick([500, 1000, 2000])
            : reach.width > 100
              ? random.pick([300, 500, 1000])
              : random.pick([50, 100]),
        cargo_kind: cargo,
        state: isOpen ? 'open' : 'closed',
      },
      pointShape(at),
    );
  });
}

const KINDS = ['cargo', 'cargo', 'cargo', 'cargo', 'sand', 'sand', 'container', 'tanker', 'passenger', 'patrol'];

/** Keeping to the right of the channel, moored at open wharves, or at anchor beside the channel. */
function* ships(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'ships');
  const reaches = reachesOf(context).filter(isNavigable);
  const pick = weightedPicker(reaches.map((reach) => reach.length * (reach.width > 100 ? 1 : 0.15)));
  const quays = wharves(context).filter((wharf) => wharf.isOpen);
  for (let n = 1; n <= 340;) {
    const draw = random.next();
    const status = draw < 0.5 ? 'under_way' : draw < 0.86 ? 'moored' : 'anchored';
    const quay = random.pick(quays);
    const reach = status === 'moored' ? quay.reach : (reaches[pick(random)] as Reach);
    const i = Math.min(reach.line.length - 2, Math.floor(random.next() * (reach.line.length - 1)));
    const [a, b] = [reach.line[i] as Point, reach.line[i + 1] as Point];
    const isUp = random.chance(0.5);
    const angle = Math.atan2(b[1] - a[1], b[0] - a[0]) + (isUp ? Math.PI : 0);
    const off = reach.width * (status === 'anchored' ? random.between(0.26, 0.36) : random.between(0.04, 0.18));
    const at: Point =
      status === 'moored'
        ? [quay.at[0] + random.between(-9, 9), quay.at[1] + random.between(-9, 9)]
        : [a[0] + Math.sin(angle) * off, a[1] - Math.cos(angle) * off];
    if (!context.isInDistrict(at)) continue;
    const kind = random.pick(KINDS);
    yield row(
      {
        // No country has 499: these ships cannot be anybody's.
        mmsi: `499${pad(n, 6)}`,
        ship_name:
          kind === 'patrol'
            ? `粤海巡${random.int(100, 999)}`
            : `粤${random.pick(['佛', '禅', '顺', '肇'])}${random.pick(['货', '运', '工'])}${pad(random.int(1, 9999), 4)}`,
        kind,
        status,
        speed_kn: status === 'under_way' ? rounded(random.between(2.5, kind === 'patrol' ? 16 : 8.5), 1) : 0,
        course: bearing(angle),
        reported_at: morning(random.int(0, 3)),
      },
      pointShape(at),
    );
    n += 1;
  }
}

/** Channels, quays and the ships between them. */
export const shipping: Theme = {
  waterway: (context) => listed(waterways(context)),
  wharf: (context) => listed(wharfRows(context)),
  ship_position: (context) => ({ expected: 340, rows: ships(context) }),
};
