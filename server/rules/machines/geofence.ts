import type { Detail, IncidentFacts, ObservedInput } from '../event.ts';
import { incidentDetail, type Machine } from './machine.ts';

export interface GeofenceOptions {
  of: { positions: string; vehicles: ReadonlySet<string> | null } | { incidents: (incident: IncidentFacts) => boolean };
  covers(place: { lon: number; lat: number; grid: string | null }): boolean;
  on: 'enter' | 'exit' | 'dwell';
  /** ms. */
  dwell: number;
}

export interface GeofenceState {
  /** Null: not seen yet. */
  inside: boolean | null;
  since: number;
  on: boolean;
  detail: Detail;
}

/** Somebody enters, leaves or stays in an area; or incidents are in it. */
export function geofenceMachine({ of, covers, on, dwell }: GeofenceOptions): Machine<GeofenceState> {
  const unseen: GeofenceState = { inside: null, since: 0, on: false, detail: { evidence: {} } };

  function observe(input: ObservedInput): { inside: boolean; detail: Detail; isOver: boolean } | null {
    if (input.kind === 'position') {
      const { at, lon, lat, grid } = input;
      const place = { lon, lat, ...(grid === null ? {} : { grid }) };
      const detail = { ...place, evidence: { positions: [{ at, lon, lat }] } };
      return { inside: covers(input), detail, isOver: false };
    }
    if (input.kind !== 'incident' || !('incidents' in of)) return null;
    const { incident } = input;
    const isOver = incident.state === 'closed';
    return {
      inside: !isOver && of.incidents(incident) && covers(incident),
      detail: incidentDetail(incident),
      isOver,
    };
  }

  return {
    initial: [],
    partOf(input) {
      if (input.kind === 'incident') return 'incidents' in of ? String(input.incident.id) : null;
      if (input.kind !== 'position' || !('positions' in of) || input.layer !== of.positions) return null;
      return of.vehicles === null || of.vehicles.has(input.vehicle) ? input.vehicle : null;
    },
    fresh: () => unseen,
    take(state, part, input, say) {
      const seen = observe(input);
      if (seen === null) return state;
      const { at } = input;
      // Incidents come into being inside an area; where somebody was before being seen, nobody knows.
      const before = state.inside ?? (input.kind === 'incident' ? false : null);
      const { inside, detail } = seen;
      const next = { inside, since: inside === before ? state.since : at, on: state.on, detail };
      const holds = on === 'exit' ? !inside : inside;
      if (state.on && !holds) {
        say('off', at, part, detail);
        next.on = false;
      } else if (!state.on && holds && on !== 'dwell' && before === !inside) {
        say('on', at, part, detail);
        next.on = true;
      }
      return seen.isOver || (input.kind === 'incident' && !inside) ? unseen : next;
    },
    due: ({ inside, since, on: isOn }) => (on === 'dwell' && inside === true && !isOn ? since + dwell : null),
    elapse(state, part, at, say) {
      say('on', at, part, state.detail);
      return { ...state, on: true };
    },
    isIdle: ({ inside, on: isOn }) => inside === null && !isOn,
  };
}
