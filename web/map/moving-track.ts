import type { Positions } from '../../server/app.ts';

/** A vehicle as the screen knows it. */
export interface Vehicle {
  id: string;
  kind: string;
  label: string;
  /** ms since 1970, of the server. */
  at: number;
  position: [number, number];
  speed: number | null;
  bearing: number | null;
  /** Where it was before, oldest first, the present place last. */
  trail: { at: number; position: [number, number] }[];
}

/** What a screen knows of everything that moves; a plain value, made anew with each answer. */
export interface Fleet {
  cursor: number;
  /** In the order in which they were first heard of: each keeps its place, so that marks glide from old to new. */
  vehicles: readonly Vehicle[];
  /** ms that the server's clock is ahead of this one. */
  ahead: number;
}

export const NO_FLEET: Fleet = { cursor: 0, vehicles: [], ahead: 0 };

/** Trails show so much of the past, ms. */
export const TRAIL_MS = 180_000;
/** Not heard of for so long, a vehicle is no longer shown, ms. */
const GONE_MS = 1_800_000;

/** The fleet after an answer. */
export function moved(fleet: Fleet, answer: Positions, now: number): Fleet {
  const known = new Map(answer.full ? [] : fleet.vehicles.map((vehicle) => [vehicle.id, vehicle]));
  const before = new Map(fleet.vehicles.map((vehicle) => [vehicle.id, vehicle]));
  const trails = new Map(answer.trails.map((trail) => [trail.id, trail]));
  for (const [i, id] of answer.ids.entries()) {
    const at = answer.at[i] as number;
    const position: [number, number] = [answer.lon[i] as number, answer.lat[i] as number];
    const trail = trails.get(id);
    const past =
      trail === undefined
        ? (before.get(id)?.trail ?? [])
        : trail.at.map((time, k) => ({
            at: time,
            position: [trail.lon[k], trail.lat[k]] as [number, number],
          }));
    known.set(id, {
      id,
      kind: answer.kinds[answer.kind[i] as number]?.id ?? '',
      label: answer.label[i] as string,
      at,
      position,
      speed: answer.speed[i] ?? null,
      bearing: answer.bearing[i] ?? null,
      trail: [...past.filter((each) => each.at < at && each.at >= at - TRAIL_MS), { at, position }],
    });
  }
  return {
    cursor: answer.cursor,
    vehicles: [...known.values()].filter(({ at }) => at > answer.now - GONE_MS),
    ahead: answer.now - now,
  };
}

/** How much a vehicle is to be believed: `late` after three positions were missed, then it fades. */
export function freshnessOf(vehicle: Vehicle, now: number, everySeconds: number): 'fresh' | 'late' {
  return now - vehicle.at > Math.max(30_000, everySeconds * 3000) ? 'late' : 'fresh';
}
