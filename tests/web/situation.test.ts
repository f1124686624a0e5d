import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident, LiveEvent } from '../../server/app.ts';
import {
  adoptFigures,
  applyEvent,
  byUrgency,
  cursorId,
  dayOf,
  fromSnapshot,
  KEPT_INCIDENTS,
  moveClock,
} from '../../web/situation.ts';

const NOW = Date.parse('2026-11-22T10:00:00+08:00');
const GRIDS = ['440604012018W001', '440604012018W002', '440604010001W001'];

function incident(id: number, change: Partial<Incident> = {}): Incident {
  const grid = GRIDS[id % GRIDS.length] ?? '';
  return {
    id,
    key: `k${id}`,
    source: 'test',
    category: '06010',
    categoryTitle: { zh: '暴露垃圾', en: 'Exposed rubbish' },
    title: `incident ${id}`,
    severity: 0,
    lon: 113.1,
    lat: 23,
    grid,
    community: grid.slice(0, 12),
    town: `${grid.slice(0, 9)}000`,
    state: 'open',
    stage: 'collected',
    version: 0,
    department: null,
    assignee: null,
    parent: null,
    reports: 1,
    occurredAt: new Date(NOW - 1_000).toISOString(),
    receivedAt: new Date(NOW - 500).toISOString(),
    warnAt: null,
    dueAt: null,
    stageWarnAt: null,
    stageDueAt: null,
    closedAt: null,
    ...change,
  };
}

const snapshot = (incidents: Incident[], lastId = 0) => ({
  cursor: `7.1.${lastId}`,
  incidents,
  openTotal: incidents.length,
  overdueTotal: 0,
  createdToday: incidents.length,
  closedToday: 0,
  cells: {
    codes: [...new Set(incidents.map(({ grid }) => grid))],
    open: [...new Set(incidents.map(({ grid }) => grid))].map(
      (grid) => incidents.filter((item) => item.grid === grid).length,
    ),
    overdue: [...new Set(incidents.map(({ grid }) => grid))].map(() => 0),
  },
});
const created = (id: number, item: Incident): LiveEvent => ({
  id,
  type: 'incident.created',
  incident: item,
  committedAt: NOW,
});
const closed = (id: number, item: Incident): LiveEvent => ({
  id,
  type: 'incident.closed',
  incident: { ...item, state: 'closed', closedAt: new Date(NOW).toISOString() },
  committedAt: NOW,
});

describe('situation', () => {
  it('reads the id at the end of a cursor whose epoch holds dots', () => {
    expect(cursorId('7421.3.118')).toBe(118);
    expect(() => cursorId('7421.x')).toThrow('7421.x');
  });

  it('knows the day of Chancheng, not of the screen', () => {
    expect(dayOf(Date.parse('2026-11-21T16:00:00Z'))).toBe('2026-11-22');
    expect(dayOf(Date.parse('2026-11-21T15:59:59Z'))).toBe('2026-11-21');
  });

  it('counts what comes and goes, once', () => {
    const situation = fromSnapshot(snapshot([incident(1)], 10), NOW);
    const second = incident(2);
    expect(applyEvent(situation, created(12, second), NOW)).toBe(true);
    expect(applyEvent(situation, created(12, second), NOW)).toBe(false);
    expect(situation.openTotal).toBe(2);
    expect(situation.createdToday).toBe(2);
    applyEvent(situation, closed(15, second), NOW);
    expect(situation.openTotal).toBe(1);
    expect(situation.closedToday).toBe(1);
    expect(situation.cells.has(second.grid)).toBe(false);
    expect([...situation.incidents.keys()]).toEqual([1]);
  });

  it('turns incidents overdue when their time passes, and takes it back when they are closed', () => {
    const late = incident(1, { dueAt: new Date(NOW + 1_000).toISOString() });
    const situation = fromSnapshot(snapshot([late]), NOW);
    expect(moveClock(situation, NOW)).toBe(false);
    expect(moveClock(situation, NOW + 2_000)).toBe(true);
    expect(moveClock(situation, NOW + 3_000)).toBe(false);
    expect(situation.overdueTotal).toBe(1);
    expect(situation.cells.get(late.grid)).toEqual({ open: 1, overdue: 1 });
    applyEvent(situation, closed(5, late), NOW + 4_000);
    expect(situation.overdueTotal).toBe(0);
  });

  it('keeps the cells equal to the incidents, whatever happens', () => {
    const step = fc.record({ id: fc.integer({ min: 1, max: 12 }), isClosing: fc.boolean(), isLate: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const situation = fromSnapshot(snapshot([]), NOW);
        const open = new Map<number, Incident>();
        steps.forEach(({ id, isClosing, isLate }, index) => {
          const known = open.get(id);
          if (isClosing && known) {
            open.delete(id);
            applyEvent(situation, closed(index + 1, known), NOW);
          } else if (!isClosing && !known) {
            const item = incident(id, { dueAt: isLate ? new Date(NOW - 1).toISOString() : null });
            open.set(id, item);
            applyEvent(situation, created(index + 1, item), NOW);
          }
        });
        const sum = (key: 'open' | 'overdue') =>
          [...situation.cells.values()].reduce((total, cell) => total + cell[key], 0);
        expect(situation.openTotal).toBe(open.size);
        expect(sum('open')).toBe(open.size);
        expect(sum('overdue')).toBe(situation.overdueTotal);
        expect(situation.overdueTotal).toBe([...open.values()].filter(({ dueAt }) => dueAt !== null).length);
      }),
    );
  });

  it('keeps the newest incidents only, but counts all', () => {
    const situation = fromSnapshot(snapshot([incident(2), incident(1)]), NOW);
    for (let id = 3; id <= KEPT_INCIDENTS + 2; id += 1) applyEvent(situation, created(id, incident(id)), NOW);
    expect(situation.incidents.size).toBe(KEPT_INCIDENTS);
    expect(situation.incidents.has(2)).toBe(false);
    expect(situation.incidents.has(3)).toBe(true);
    expect(situation.openTotal).toBe(KEPT_INCIDENTS + 2);
    expect([...situation.cells.values()].reduce((sum, { open }) => sum + open, 0)).toBe(KEPT_INCIDENTS + 2);
  });

  it('takes over the figures of the server where they differ', () => {
    const truth = snapshot([incident(1), incident(2)]);
    const situation = fromSnapshot(truth, NOW);
    expect(adoptFigures(situation, truth)).toBe(false);
    expect(adoptFigures(situation, { ...truth, overdueTotal: 1 })).toBe(true);
    expect(situation.overdueTotal).toBe(1);
  });

  it('orders red first, then what is late, the graver and the longest late first, then by severity and age', () => {
    const due = (ms: number) => ({ dueAt: new Date(NOW + ms).toISOString() });
    const items = [
      incident(1),
      incident(2, { severity: 4 }),
      incident(3, { severity: 1 }),
      incident(4, { severity: 3, ...due(-5_000) }),
      incident(5, due(-5_000)),
      incident(6, due(-9_000)),
      incident(7, { severity: 1, ...due(-1) }),
      incident(8, { severity: 2, ...due(60_000) }),
    ];
    const situation = fromSnapshot(snapshot(items), NOW);
    // A new small matter does not go before what is late.
    applyEvent(situation, created(1, incident(9)), NOW);
    const order = () => [...situation.incidents.values()].toSorted(byUrgency(situation)).map(({ id }) => id);
    expect(order()).toEqual([7, 3, 4, 6, 5, 8, 2, 9, 1]);
    // Its limit passes.
    moveClock(situation, NOW + 60_001);
    expect(order()).toEqual([7, 3, 8, 4, 6, 5, 2, 9, 1]);
  });
});

describe('an incident that moves on', () => {
  it('is replaced in its place, and counted late or not as its limit says now', () => {
    const late = incident(1, { dueAt: new Date(NOW - 1).toISOString() });
    const situation = fromSnapshot({ ...snapshot([late, incident(2)]), overdueTotal: 1 }, NOW);
    situation.cells.set(late.grid, { open: 1, overdue: 1 });
    const extended = { ...late, stage: 'handling', dueAt: new Date(NOW + 60_000).toISOString() };
    applyEvent(situation, { id: 1, type: 'incident.updated', incident: extended, committedAt: NOW }, NOW);
    expect([...situation.incidents.keys()]).toEqual([1, 2]);
    expect(situation.incidents.get(1)?.stage).toBe('handling');
    expect(situation).toMatchObject({ openTotal: 2, overdueTotal: 0, createdToday: 2, closedToday: 0 });
    expect(situation.cells.get(late.grid)).toEqual({ open: 1, overdue: 0 });
  });

  it('is open again after it was reopened, without being new', () => {
    const item = incident(1);
    const situation = fromSnapshot(snapshot([item]), NOW);
    const closed: Incident = { ...item, state: 'closed', closedAt: new Date(NOW).toISOString() };
    applyEvent(situation, { id: 1, type: 'incident.closed', incident: closed, committedAt: NOW }, NOW);
    applyEvent(situation, { id: 2, type: 'incident.reopened', incident: item, committedAt: NOW }, NOW);
    expect(situation).toMatchObject({ openTotal: 1, createdToday: 1, closedToday: 1 });
    expect(situation.births.size).toBe(0);
  });

  it('changes nothing that is not on the screen', () => {
    const situation = fromSnapshot(snapshot([incident(1)]), NOW);
    applyEvent(situation, { id: 1, type: 'incident.updated', incident: incident(9), committedAt: NOW }, NOW);
    expect([...situation.incidents.keys()]).toEqual([1]);
    expect(situation.openTotal).toBe(1);
  });

  it('counts a thing that is reported many times once, whatever happens to its reports in which order', () => {
    const step = fc.record({
      id: fc.integer({ min: 1, max: 6 }),
      what: fc.constantFrom('created', 'linked', 'unlinked', 'closed', 'reopened', 'changed'),
      isLate: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const situation = fromSnapshot(snapshot([]), NOW);
        const rows = new Map<number, Incident>();
        let [log, created, closed] = [0, 0, 0];
        for (const { id, what, isLate } of steps) {
          const before = rows.get(id);
          if (what === 'created' ? before !== undefined : before === undefined) continue;
          const isOpen = before?.state === 'open';
          if ((what === 'closed' && !isOpen) || (what === 'reopened' && isOpen)) continue;
          const dueAt = new Date(NOW + (isLate ? -1000 : 1000)).toISOString();
          const base = before ?? incident(id, { dueAt });
          const changes: Record<typeof what, Partial<Incident>> = {
            created: {},
            linked: { parent: 99 },
            unlinked: { parent: null },
            closed: { state: 'closed' },
            reopened: { state: 'open' },
            changed: { dueAt },
          };
          const next = { ...base, ...changes[what] };
          rows.set(id, next);
          const type = { created: 'created', closed: 'closed', reopened: 'reopened' }[what as 'created'] ?? 'updated';
          applyEvent(
            situation,
            { id: (log += 1), type: `incident.${type}`, incident: next, committedAt: NOW } as LiveEvent,
            NOW,
          );
          if (what === 'created') created += 1;
          if (what === 'closed' && next.parent === null) closed += 1;
        }
        const open = [...rows.values()].filter(({ state, parent }) => state === 'open' && parent === null);
        expect(situation.openTotal).toBe(open.length);
        expect(situation.overdueTotal).toBe(open.filter(({ dueAt }) => Date.parse(dueAt ?? '') < NOW).length);
        expect([situation.createdToday, situation.closedToday]).toEqual([created, closed]);
        for (const grid of GRIDS) {
          expect(situation.cells.get(grid)?.open ?? 0).toBe(open.filter((each) => each.grid === grid).length);
        }
      }),
    );
  });
});
