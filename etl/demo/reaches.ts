import { pad, type Context } from './context.ts';
import { bendPoint } from './land.ts';
import { oncePerDistrict } from './once.ts';
import { type Point, isInside, lineLength } from './plane.ts';
import { roadFinder } from './streets.ts';

/** A stretch of a river or creek inside the district, as its chief is responsible for it. */
export interface Reach {
  code: string;
  /** 丰收涌 */
  river: string;
  kind: 'river' | 'creek';
  /** 丰收涌青柯段 */
  name: string;
  width: number;
  length: number;
  /** Middle of the stream and both banks, point by point, running downstream as the river was drawn. */
  line: Point[];
  left: Point[];
  right: Point[];
  town: number;
  community: number;
  /** 青柯 of 青柯村 */
  stem: string;
  /** Ends where a creek runs into a river: sluices and pumps stand there. */
  mouths: Point[];
}

/** Metres: chiefs of the great rivers answer for longer stretches. */
const STRETCH = { river: 760, creek: 315 };

function drawReaches(context: Context): Reach[] {
  const { watercourses } = context.district.land;
  const findRoad = roadFinder(context.roads);
  const ribbons = watercourses.filter((w) => w.kind === 'river').map((w) => w.ribbon.map(bendPoint));
  const reaches: Reach[] = [];
  const named = new Map<string, number>();
  for (const course of watercourses) {
    const river = course.name.replace(/[((].*$/, '');
    const centre = course.centre.map(bendPoint);
    const left = course.left.map(bendPoint);
    const right = course.right.map(bendPoint);
    const inRiver = centre.map(([x, y]) => course.kind === 'creek' && ribbons.some((ring) => isInside(ring, x, y)));
    const isOpen = centre.map((at, i) => !inRiver[i] && context.isInDistrict(at));
    let start = 0;
    while (start < centre.length) {
      if (!isOpen[start]) {
        start += 1;
        continue;
      }
      let end = start;
      while (end + 1 < centre.length && isOpen[end + 1]) end += 1;
      const run = centre.slice(start, end + 1);
      const total = lineLength(run);
      const pieces = Math.max(1, Math.round(total / STRETCH[course.kind]));
      if (run.length > pieces && total > 60) {
        for (let k = 0; k < pieces; k++) {
          const from = start + Math.floor((k * (run.length - 1)) / pieces);
          const to = start + Math.floor(((k + 1) * (run.length - 1)) / pieces);
          const line = centre.slice(from, to + 1);
          const middle = line[line.length >> 1] as Point;
          const { road } = findRoad(middle[0], middle[1]);
          const stem = context.district.communities[road.community]?.name.replace(/(社区|村)$/, '') ?? '';
          const plain = `${river}${stem}段`;
          const nth = (named.get(plain) ?? 0) + 1;
          named.set(plain, nth);
          const mouths: Point[] = [];
          if (k === 0 && inRiver[start - 1]) mouths.push(centre[start] as Point);
          if (k === pieces - 1 && inRiver[end + 1]) mouths.push(centre[end] as Point);
          reaches.push({
            code: `HC${pad(reaches.length + 1, 3)}`,
            river,
            kind: course.kind,
            name: nth === 1 ? plain : `${plain}${nth}`,
            width: course.width,
            length: lineLength(line),
            line,
            left: left.slice(from, to + 1),
            right: right.slice(from, to + 1),
            town: road.town,
            community: road.community,
            stem,
            mouths,
          });
        }
      }
      start = end + 1;
    }
  }
  return reaches;
}

/** The district's watercourses in the stretches that river chiefs answer for. */
export const reachesOf = oncePerDistrict(drawReaches);

/** A place on one of a reach's banks: `beyond` metres from the water's edge, negative for in the water. */
export function onBank(reach: Reach, share: number, side: 'left' | 'right', beyond: number): Point {
  const i = Math.min(reach.line.length - 1, Math.floor(share * reach.line.length));
  const [x, y] = reach[side][i] as Point;
  const [cx, cy] = reach.line[i] as Point;
  const length = Math.hypot(x - cx, y - cy) || 1;
  return [x + ((x - cx) / length) * beyond, y + ((y - cy) / length) * beyond];
}

/** `count` reaches spread evenly over all that pass a test, with a share along each. */
export function alongReaches(
  context: Context,
  count: number,
  test: (reach: Reach) => boolean = () => true,
): { reach: Reach; share: number }[] {
  const found = reachesOf(context).filter(test);
  const total = found.reduce((sum, reach) => sum + reach.length, 0);
  const places: { reach: Reach; share: number }[] = [];
  let passed = 0;
  for (const reach of found) {
    while (places.length < count && ((places.length + 0.5) * total) / count < passed + reach.length) {
      places.push({ reach, share: (((places.length + 0.5) * total) / count - passed) / reach.length });
    }
    passed += reach.length;
  }
  return places;
}
