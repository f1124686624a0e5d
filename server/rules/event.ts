/** What rules look at, in the order of time. Times are ms since 1970. */
export interface ReadingInput {
  kind: 'reading';
  at: number;
  sensor: string;
  metric: string;
  value: number;
}

export interface PositionInput {
  kind: 'position';
  at: number;
  /** Layer of the vehicles, and number of the vehicle in it. */
  layer: string;
  vehicle: string;
  lon: number;
  lat: number;
  /** Micro-grid that holds it; null outside the district. */
  grid: string | null;
}

/** An entry of the live log about an incident; `at` is its commit. */
export interface IncidentInput {
  kind: 'incident';
  at: number;
  move: 'created' | 'updated' | 'closed' | 'reopened';
  incident: IncidentFacts;
}

/** What rules may ask of an incident. */
export interface IncidentFacts {
  id: number;
  category: string;
  source: string;
  title: string;
  severity: number;
  state: 'open' | 'closed';
  stage: string;
  department: string | null;
  reports: number;
  lon: number;
  lat: number;
  grid: string;
  community: string;
  town: string;
  stageDueAt: number | null;
}

/** Somebody cleared the alarm of an originator. */
export interface ClearedInput {
  kind: 'cleared';
  at: number;
  originator: string;
}

/** Time has passed, and nothing earlier will come. */
export interface TickInput {
  kind: 'tick';
  at: number;
}

export type ObservedInput = ReadingInput | PositionInput | IncidentInput;
export type RuleInput = ObservedInput | ClearedInput | TickInput;

/** What made an alarm. */
export interface Evidence {
  readings?: { sensor: string; metric: string; at: number; value: number }[];
  incidents?: number[];
  positions?: { at: number; lon: number; lat: number }[];
}

export interface Detail {
  value?: number;
  lon?: number;
  lat?: number;
  /** Micro-grid of the place. */
  grid?: string;
  evidence: Evidence;
}

/** An alarm of a rule begins, is met again, or ends. */
export interface Transition {
  at: number;
  originator: string;
  move: 'raised' | 'refreshed' | 'cleared';
  detail: Detail;
  /** True when somebody cleared it. */
  byHand?: true;
}
