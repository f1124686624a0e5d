import type { Detail, IncidentFacts } from '../event.ts';
import { incidentDetail, type Machine } from './machine.ts';

export interface DeadlineOptions {
  matches(incident: IncidentFacts): boolean;
  /** Any when null. */
  stages: ReadonlySet<string> | null;
  /** ms after it entered the stage; null: the limit of the stage itself. */
  after: number | null;
}

export interface DeadlineState {
  /** Null: in no stage that the rule looks at. */
  stage: string | null;
  since: number;
  due: number | null;
  on: boolean;
  detail: Detail;
}

/** An incident does not leave a stage in time. */
export function deadlineMachine({ matches, stages, after }: DeadlineOptions): Machine<DeadlineState> {
  const none: DeadlineState = { stage: null, since: 0, due: null, on: false, detail: { evidence: {} } };
  return {
    initial: [],
    partOf: (input) => (input.kind === 'incident' ? String(input.incident.id) : null),
    fresh: () => none,
    take(state, part, input, say) {
      if (input.kind !== 'incident') return state;
      const { at, incident } = input;
      const detail = incidentDetail(incident);
      const isIn = incident.state === 'open' && (stages === null || stages.has(incident.stage)) && matches(incident);
      if (!isIn) {
        if (state.on) say('off', at, part, detail);
        return none;
      }
      const isSame = state.stage === incident.stage;
      const since = isSame ? state.since : at;
      const limit = after === null ? incident.stageDueAt : since + after;
      // A limit that is over already is met now.
      const due = limit === null ? null : Math.max(limit, at);
      const isOver = state.on && isSame && (limit === null ? false : limit <= at);
      if (state.on && !isOver) say('off', at, part, detail);
      return { stage: incident.stage, since, due: isOver ? null : due, on: isOver, detail };
    },
    due: ({ due }) => due,
    elapse(state, part, at, say) {
      say('on', at, part, state.detail);
      return { ...state, due: null, on: true };
    },
    isIdle: ({ stage, on }) => stage === null && !on,
  };
}
