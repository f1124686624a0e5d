/**
 * The situation as this screen knows it: open incidents, today's figures and the load of each cell. Plain structures outside
 * React, changed in place by live events; pure of network and clock, which come in as arguments.
 */
import type { Incident, IncidentEvent, IncidentSnapshot, LiveEvent } from '../server/app.ts';

export interface CellLoad {
  open: number;
  overdue: number;
}

export interface Situation {
  /** Open incidents by id, oldest first. Only the newest are kept; `openTotal` and `cells` count all matters. */
  incidents: Map<number, Incident>;
  /** Incident id -> when this screen learnt of it live, ms since 1970. Snapshot rows have none: they do not pulse. */
  births: Map<number, number>;
  cells: Map<string, CellLoad>;
  openTotal: number;
  overdueTotal: number;
  createdToday: number;
  closedToday: number;
  /** Highest event id applied. */
  lastId: number;
  /** Calendar day in Asia/Shanghai to which "today" refers. */
  day: string;
  /** Ids among `incidents` already counted as overdue. */
  overdue: Set<number>;
}

/** A screen that runs for weeks through a flood of reports must not grow without end. */
export const KEPT_INCIDENTS = 5_000;

/** Cursor is `epoch.id`; the epoch may itself hold dots. */
export function cursorId(cursor: string): number {
  const id = Number(cursor.slice(cursor.lastIndexOf('.') + 1));
  if (!Number.isSafeInteger(id)) throw new Error(`not a live cursor: ${JSON.stringify(cursor)}`);
  return id;
}

const shanghaiDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' });

/** Calendar day in Asia/Shanghai, `2026-11-22`. */
export function dayOf(ms: number): string {
  return shanghaiDay.format(ms);
}

export function isOverdue(incident: Incident, now: number): boolean {
  return incident.state === 'open' && incident.dueAt !== null && Date.parse(incident.dueAt) < now;
}

function countsAsOverdue(incident: Incident, now: number): boolean {
  return countsAsOpen(incident) && isOverdue(incident, now);
}

export function fromSnapshot(snapshot: IncidentSnapshot, now: number): Situation {
  // Oldest first: the first key of the map is the one to let go.
  const oldestFirst = snapshot.incidents.toSorted((a, b) => a.id - b.id);
  const incidents = new Map(oldestFirst.map((incident) => [incident.id, incident]));
  const { codes, open, overdue } = snapshot.cells;
  return {
    incidents,
    births: new Map(),
    cells: new Map(codes.map((code, index) => [code, { open: open[index] ?? 0, overdue: overdue[index] ?? 0 }])),
    openTotal: snapshot.openTotal,
    overdueTotal: snapshot.overdueTotal,
    createdToday: snapshot.createdToday,
    closedToday: snapshot.closedToday,
    lastId: cursorId(snapshot.cursor),
    day: dayOf(now),
    overdue: new Set([...incidents.values()].filter((incident) => countsAsOverdue(incident, now)).map(({ id }) => id)),
  };
}

/** Reports of the same thing are one matter, counted with the first of them. Lists name every report. */
export function countsAsOpen({ state, parent }: Pick<Incident, 'state' | 'parent'>): boolean {
  return state === 'open' && parent === null;
}

function addToCell(situation: Situation, grid: string, open: number, overdue: number): void {
  const load = situation.cells.get(grid) ?? { open: 0, overdue: 0 };
  const next = { open: Math.max(0, load.open + open), overdue: Math.max(0, load.overdue + overdue) };
  if (next.open === 0) situation.cells.delete(grid);
  else situation.cells.set(grid, next);
}

/** True for entries that concern an incident; what else is logged has a place of its own on the screen. */
export function isIncidentEvent(event: LiveEvent): event is IncidentEvent {
  return 'incident' in event;
}

/** Applies one event. Returns false when it was known already (ids only grow): a repeat changes nothing. */
export function applyEvent(situation: Situation, event: LiveEvent, now: number): boolean {
  if (event.id <= situation.lastId) return false;
  situation.lastId = event.id;
  if (!isIncidentEvent(event)) return true;
  const { incident } = event;
  if (event.type === 'incident.created') {
    situation.births.set(incident.id, now);
    if (dayOf(Date.parse(incident.receivedAt)) === situation.day) situation.createdToday += 1;
    open(situation, incident, now);
  } else if (event.type === 'incident.reopened') {
    open(situation, incident, now);
  } else if (event.type === 'incident.closed') {
    // The end of a report of another incident is no end of a matter.
    if (incident.parent === null && dayOf(event.committedAt) === situation.day) situation.closedToday += 1;
    close(situation, incident, now);
  } else if (situation.incidents.has(incident.id)) {
    // What lies beyond the kept incidents is not on the screen, and its count stays as it is.
    update(situation, incident, now);
  }
  return true;
}

/** Keeps the place among the incidents, whose order is their age. */
function update(situation: Situation, incident: Incident, now: number): void {
  const before = situation.incidents.get(incident.id);
  const wasOpen = before !== undefined && countsAsOpen(before);
  const wasLate = situation.overdue.has(incident.id);
  situation.incidents.set(incident.id, incident);
  count(situation, incident, Number(countsAsOpen(incident)) - Number(wasOpen), wasLate, countsAsOverdue(incident, now));
}

function open(situation: Situation, incident: Incident, now: number): void {
  situation.incidents.set(incident.id, incident);
  count(situation, incident, Number(countsAsOpen(incident)), false, countsAsOverdue(incident, now));
  for (const id of situation.incidents.keys()) {
    if (situation.incidents.size <= KEPT_INCIDENTS) break;
    forget(situation, id);
  }
}

function close(situation: Situation, incident: Incident, now: number): void {
  const known = situation.incidents.get(incident.id);
  // Of an incident beyond the kept ones what it says now must do: who was linked is, and its due time tells whether it was
  // counted as late.
  const wasOpen = (known ?? incident).parent === null;
  const due = incident.dueAt === null ? Infinity : Date.parse(incident.dueAt);
  const wasLate = situation.overdue.has(incident.id) || (known === undefined && wasOpen && due < now);
  forget(situation, incident.id);
  count(situation, incident, wasOpen ? -1 : 0, wasLate, false);
}

/** Moves the counts by a matter that opened (1), ended (-1) or stays, and by whether it was late and is. */
function count(situation: Situation, { id, grid }: Incident, opened: number, wasLate: boolean, isLate: boolean): void {
  const late = Number(isLate) - Number(wasLate);
  if (isLate) situation.overdue.add(id);
  else situation.overdue.delete(id);
  situation.openTotal = Math.max(0, situation.openTotal + opened);
  situation.overdueTotal = Math.max(0, situation.overdueTotal + late);
  addToCell(situation, grid, opened, late);
}

function forget(situation: Situation, id: number): void {
  situation.incidents.delete(id);
  situation.births.delete(id);
  situation.overdue.delete(id);
}

/** Moves the clock: incidents whose time limit has passed become overdue. Returns true when a figure changed. */
export function moveClock(situation: Situation, now: number): boolean {
  let changed = false;
  for (const incident of situation.incidents.values()) {
    if (situation.overdue.has(incident.id) || !countsAsOverdue(incident, now)) continue;
    situation.overdue.add(incident.id);
    situation.overdueTotal += 1;
    addToCell(situation, incident.grid, 0, 1);
    changed = true;
  }
  return changed;
}

/**
 * Takes over the server's figures of the same moment. Counts of what lies beyond the kept incidents (who of them became
 * overdue meanwhile) are known to the server only. Returns true when a figure changed.
 */
export function adoptFigures(situation: Situation, truth: IncidentSnapshot): boolean {
  const { codes, open, overdue } = truth.cells;
  const isSame =
    situation.overdueTotal === truth.overdueTotal &&
    situation.createdToday === truth.createdToday &&
    situation.closedToday === truth.closedToday &&
    situation.cells.size === codes.length &&
    codes.every((code, index) => {
      const load = situation.cells.get(code);
      return load?.open === open[index] && load?.overdue === overdue[index];
    });
  if (isSame) return false;
  situation.overdueTotal = truth.overdueTotal;
  situation.createdToday = truth.createdToday;
  situation.closedToday = truth.closedToday;
  situation.cells = new Map(
    codes.map((code, index) => [code, { open: open[index] ?? 0, overdue: overdue[index] ?? 0 }]),
  );
  return true;
}

/** How long an arrival counts as new: it pulses on the map and is marked in the queue, ms. */
export const NEW_MS = 20_000;

export function isNew(situation: Situation, id: number, now: number): boolean {
  const birth = situation.births.get(id);
  return birth !== undefined && now - birth < NEW_MS;
}

/**
 * What has to be looked at first: red, then what is late (the graver first, the longest late first), then the rest by severity
 * (ordinary last), the newest first. That something is new moves it nowhere: a flood of small reports must not push what is
 * late out of sight.
 */
export function byUrgency(situation: Situation): (a: Incident, b: Incident) => number {
  const rank = ({ id, severity }: Incident) => {
    const isLate = situation.overdue.has(id);
    const place = severity || 5;
    if (severity === 1) return isLate ? 0 : 1;
    return isLate ? place : 10 + place;
  };
  return (a, b) => {
    const difference = rank(a) - rank(b);
    if (difference !== 0) return difference;
    const [dueA, dueB] = [a.dueAt, b.dueAt];
    if (situation.overdue.has(a.id) && dueA !== null && dueB !== null && dueA !== dueB) {
      return Date.parse(dueA) - Date.parse(dueB);
    }
    return b.id - a.id;
  };
}
