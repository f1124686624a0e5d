import type { IncidentFacts } from '../event.ts';
import { burstDetail, seenOf, type Seen } from './burst.ts';
import type { Machine } from './machine.ts';

export interface NearBurstOptions {
  matches(incident: IncidentFacts): boolean;
  count: number;
  /** ms. */
  within: number;
  metres: number;
}

interface Cluster {
  /** Named after the incident that made it; its place is the middle. */
  name: string;
  lon: number;
  lat: number;
  newest: readonly Seen[];
}

export interface NearBurstState {
  recent: readonly Seen[];
  clusters: readonly Cluster[];
}

/** Incidents that are remembered; in a flood the oldest are let go. */
const REMEMBERED = 2000;
const PART = 'near';
const METRES_PER_DEGREE = 111_195;

/** On a sphere; exact to a part in ten thousand over the kilometres that matter here. */
export function metresBetween(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const x = (lon2 - lon1) * Math.cos(((lat1 + lat2) / 360) * Math.PI);
  return Math.hypot(x, lat2 - lat1) * METRES_PER_DEGREE;
}

/** So many incidents within a distance of one of them and within a time, wherever that is. */
export function nearBurstMachine({ matches, count, within, metres }: NearBurstOptions): Machine<NearBurstState> {
  const none: NearBurstState = { recent: [], clusters: [] };
  return {
    initial: [],
    partOf: (input) => (input.kind === 'incident' && input.move === 'created' && matches(input.incident) ? PART : null),
    partOfOriginator: () => PART,
    fresh: () => none,
    take(state, _part, input, say) {
      if (input.kind !== 'incident') return state;
      const { at, incident } = input;
      const { id, lon, lat } = incident;
      const seen = seenOf(at, incident);
      const recent = [...state.recent.filter(([time]) => time + within > at), seen].slice(-REMEMBERED);
      const index = state.clusters.findIndex((each) => metresBetween(each.lon, each.lat, lon, lat) <= metres);
      const known = state.clusters[index];
      if (known !== undefined) {
        const newest = [...known.newest, seen].slice(-count);
        say('again', at, known.name, burstDetail(newest));
        return { recent, clusters: state.clusters.with(index, { ...known, newest }) };
      }
      const near = recent.filter((other) => metresBetween(other[2], other[3], lon, lat) <= metres).slice(-count);
      if (near.length < count) return { recent, clusters: state.clusters };
      const made: Cluster = { name: `near:${id}`, lon, lat, newest: near };
      say('on', at, made.name, burstDetail(near));
      return { recent, clusters: [...state.clusters, made] };
    },
    due({ recent, clusters }) {
      let due = Infinity;
      for (const { newest } of clusters) due = Math.min(due, (newest[0]?.[0] ?? 0) + within);
      if (due < Infinity) return due;
      const last = recent.at(-1);
      return last === undefined ? null : last[0] + within;
    },
    elapse(state, _part, at, say) {
      const clusters = state.clusters.filter(({ name, newest }) => {
        const isLasting = (newest[0]?.[0] ?? 0) + within > at;
        if (!isLasting) say('off', at, name, burstDetail(newest.filter(([time]) => time + within > at)));
        return isLasting;
      });
      return { recent: state.recent.filter(([time]) => time + within > at), clusters };
    },
    isIdle: ({ recent, clusters }) => recent.length === 0 && clusters.length === 0,
  };
}
