import { gcj02ToWgs84 } from './gcj02.ts';
import { median } from './offsets.ts';
import { toWgs84 } from './transform.ts';

/** Metres from each of these places (WGS 84 degrees) to the nearest feature of a loaded layer. */
export type DistancesTo = (places: readonly (readonly [number, number])[]) => Promise<number[]>;

/** A loaded layer that features of the delivery should lie near. */
export interface ReferenceLayer {
  id: string;
  distancesTo: DistancesTo;
}

export interface NearnessVerdict {
  datum: 'EPSG:4326' | 'GCJ-02' | 'BD-09';
  layer: string;
  /** Median distance by this datum, and the best of the other two and of the places compared with. */
  metres: number;
  others: number;
}

/** Places looked at: each costs eleven searches for the nearest feature. */
const MOST = 150;
const LEAST = 20;
/** Nearer than this is as near as can be: beds of surveys, and the 20 m of a hand-held receiver. */
const FLOOR = 1;
/**
 * Further away than this is not near at all: waterways lie 37 m from the houses on their banks in one datum and 93 m in
 * the others, which says nothing of where they belong.
 */
const NEAR = 20;
/** How much nearer a datum must bring the features than anything else. */
const CLEAR = 0.5;

/**
 * Which datum the degrees are in, by how near it brings the features to what they should lie near. Being somewhat
 * nearer says nothing: a fish pond moved by 600 m may come to lie between houses. So the same is tried with eight
 * displacements that no datum has; a datum is only believed when it brings the features near, and to half the distance
 * of every one of them and of the other datums.
 */
export async function judgeNearness(
  samples: readonly { x: number; y: number }[],
  reference: ReferenceLayer,
): Promise<NearnessVerdict | null> {
  if (samples.length < LEAST) return null;
  const step = Math.max(1, Math.floor(samples.length / MOST));
  const chosen = samples.filter((_, i) => i % step === 0).slice(0, MOST);
  const measure = async (place: (x: number, y: number) => readonly [number, number]): Promise<number> =>
    Math.max(FLOOR, median(await reference.distancesTo(chosen.map(({ x, y }) => place(x, y)))));
  const bd09 = toWgs84('BD-09');
  const datums = [
    { datum: 'EPSG:4326', metres: await measure((x, y) => [x, y]) },
    { datum: 'GCJ-02', metres: await measure(gcj02ToWgs84) },
    { datum: 'BD-09', metres: await measure(bd09) },
  ] as const;
  const [best, second] = datums.toSorted((a, b) => a.metres - b.metres) as unknown as [
    (typeof datums)[number],
    (typeof datums)[number],
  ];
  if (!(best.metres <= NEAR && best.metres <= second.metres * CLEAR)) return null;
  let others = second.metres;
  for (let i = 0; i < 8; i += 1) {
    // As far as GCJ-02 is from WGS 84, but from the winner and in other directions.
    const angle = (i * Math.PI) / 4 + 0.2;
    const [dLon, dLat] = [(Math.cos(angle) * 620) / 102_500, (Math.sin(angle) * 620) / 110_750];
    others = Math.min(others, await measure(withDisplacement(best.datum, dLon, dLat)));
    if (best.metres > others * CLEAR) return null;
  }
  return { datum: best.datum, layer: reference.id, metres: best.metres, others };
}

function withDisplacement(datum: string, dLon: number, dLat: number): (x: number, y: number) => [number, number] {
  const transform = toWgs84(datum);
  return (x, y) => {
    const [lon, lat] = transform(x, y);
    return [lon + dLon, lat + dLat];
  };
}
