import { describe, expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import { nearestSource } from '../../../etl/demo/nearest-source.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { isInside, ringArea, toBoard } from '../../../etl/demo/plane.ts';
import { enrolment } from '../../../etl/demo/themes/enrolment.ts';
import { secondarySchools } from '../../../etl/demo/themes/schools.ts';
import { primarySchools } from '../../../etl/demo/themes/services.ts';

const context = createContext(0.01, 1);
const rowsOf = (id: string): Row[] => [...(enrolment[id]?.(context).rows ?? [])];
const catchments = rowsOf('school_catchment');
const homes = new Map([...context.dwellings()].map((dwelling) => [dwelling.roomCode, dwelling]));

/** Areas of a stage, outlines on the board. */
function areasOf(stage: string) {
  return catchments
    .filter(({ values }) => values.stage === stage)
    .map(({ values, shape }) => {
      if (shape?.type !== 'Polygon') throw new Error('a catchment has no area');
      const rings = shape.rings.map((ring) => ring.map((p) => toBoard(p[0], p[1])));
      return { code: String(values.school_code), name: String(values.school_name), rings };
    });
}
const holds = (rings: ReturnType<typeof areasOf>[number]['rings'], x: number, y: number): boolean =>
  rings.every((ring, i) => isInside(ring, x, y) === (i === 0));

describe.each(['primary', 'junior'])('catchments of stage %s', (stage) => {
  const areas = areasOf(stage);

  test('tile the district: their areas add up, and every block lies in exactly one', () => {
    const sum = areas.reduce((all, { rings }) => all + rings.reduce((own, ring) => own + ringArea(ring), 0), 0);
    expect(sum / 1e6).toBeCloseTo(context.district.district.areaKm2, 2);
    for (const block of context.district.blocks) {
      expect(areas.filter(({ rings }) => holds(rings, block.inner[0], block.inner[1]))).toHaveLength(1);
    }
  });

  test('are those of the public schools, each of which stands in its own', () => {
    const schools = (stage === 'primary' ? primarySchools(context) : secondarySchools(context)).filter(
      ({ values }) => values.kind === 'public' && values.stage !== 'senior',
    );
    expect(areas.map(({ code }) => code).toSorted()).toEqual(
      schools.map(({ values }) => String(values.school_code)).toSorted(),
    );
    let own = 0;
    for (const { values, shape } of schools) {
      if (shape?.type !== 'Point') throw new Error('a school has no place');
      const [x, y] = toBoard(shape.at[0], shape.at[1]);
      if (holds(areas.find(({ code }) => code === values.school_code)?.rings ?? [[]], x, y)) own += 1;
    }
    // A school on the edge of a river block may stand across the line.
    expect(own / schools.length).toBeGreaterThan(0.93);
  });
});

test('the nearest source wins, keeps its own node, and a start cost makes its share smaller', () => {
  const line = Array.from({ length: 11 }, (_, i) => [i - 1, i + 1].filter((k) => k >= 0 && k < 11));
  const ends = (start: number): number[] => [
    ...nearestSource(
      line,
      [
        { node: 0, start },
        { node: 10, start: 0 },
      ],
      () => 1,
    ),
  ];
  expect(ends(0.5)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  expect(ends(4.5)).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
  expect(ends(100)).toEqual([0, ...Array.from({ length: 10 }, () => 1)]);
  expect([...nearestSource([[], []], [{ node: 0, start: 0 }], () => 1)]).toEqual([0, -1]);
});

test('a child comes of age by the end of August and belongs to the school its home lies in', () => {
  const children = rowsOf('school_age_child');
  expect(children.length).toBeGreaterThan(250);
  const areas = areasOf('primary');
  for (const { values } of children) {
    const dwelling = homes.get(String(values.room_code));
    const person = dwelling?.household?.persons.find(({ id }) => id === values.person_id);
    expect(person?.birthDate).toBe(values.birth_date);
    const due = Number(values.due_year);
    expect(String(values.birth_date) >= `${due - 7}-09-01` && String(values.birth_date) < `${due - 6}-09-01`).toBe(
      true,
    );
    const block = dwelling ? context.blockOf(dwelling.building) : null;
    const area = areas.find(({ rings }) => block && holds(rings, block.inner[0], block.inner[1]));
    expect(values.catchment_school).toBe(area?.code);
  }
});

test('applications are children that exist; only registered children at home in their own flat go by catchment', () => {
  const applications = rowsOf('enrolment_application');
  const persons = new Map(
    [...homes.values()].flatMap(({ household }) => (household?.persons ?? []).map((p) => [p.idNumber, p])),
  );
  const byStage = { primary: areasOf('primary'), junior: areasOf('junior') };
  const byCatchment = applications.filter(({ values }) => values.category === 'catchment');
  expect(byCatchment.length).toBeGreaterThan(applications.length * 0.3);
  for (const { values } of applications) {
    const dwelling = homes.get(String(values.room_code));
    expect(dwelling?.household?.persons.map(({ name }) => name)).toContain(values.child_name);
    expect(values.guardian_phone).toMatch(/^10[1-9]\d{8}$/);
    if (values.category !== 'catchment') continue;
    expect(persons.get(String(values.child_id_no))?.residence).toBe('registered');
    expect(dwelling?.occupancy).toBe('owner');
    const block = dwelling ? context.blockOf(dwelling.building) : null;
    const area = byStage[values.stage as 'primary' | 'junior'].find(
      ({ rings }) => block && holds(rings, block.inner[0], block.inner[1]),
    );
    expect(values.school_code).toBe(area?.code);
  }
});

test('seat plans balance, and nobody is enrolled in a year that has not come', () => {
  const plans = rowsOf('school_seat_plan');
  for (const { values } of plans) {
    expect(values.gap).toBe(Number(values.planned) - Number(values.demand));
    expect(values.enrolled === null).toBe(Number(values.year) > 2026);
    if (values.enrolled !== null) expect(Number(values.enrolled)).toBeLessThanOrEqual(Number(values.planned));
  }
  const gaps = plans.filter(({ values }) => values.year === 2026).map(({ values }) => Number(values.gap));
  // Some schools are short of seats, most are not.
  expect(gaps.filter((gap) => gap < 0).length).toBeGreaterThan(gaps.length * 0.1);
  expect(gaps.filter((gap) => gap < 0).length).toBeLessThan(gaps.length * 0.6);
});
