import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { usccCheck } from '../../../etl/demo/identity.ts';
import type { Person } from '../../../etl/demo/people.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';
import { layers } from '../../../layers/index.ts';

const context = createContext(0.05, 4);

function rowsOf(id: string): Row[] {
  return [...(deliveries[id]?.(context).rows ?? [])];
}

const people = new Map<string, { person: Person; roomCode: string; household: string; size: number }>();
for (const { roomCode, household } of context.dwellings()) {
  for (const person of household?.persons ?? [])
    people.set(person.id, { person, roomCode, household: household?.id ?? '', size: household?.persons.length ?? 0 });
}

test.each(['disabled_person', 'needy_child', 'temporary_aid', 'infectious_case'])(
  'everybody in %s is a generated person, at home',
  (id) => {
    const rows = rowsOf(id);
    expect(rows.length).toBeGreaterThan(20);
    for (const { values } of rows) {
      const known = people.get(String(values.person_id));
      expect(known?.roomCode).toBe(values.room_code);
      if (values.name) expect(known?.person.name).toBe(values.name);
    }
  },
);

test('lists that the city keeps are as long as they should be', () => {
  expect(rowsOf('subsistence_family')).toHaveLength(195);
  expect(rowsOf('temporary_aid')).toHaveLength(130);
  expect(rowsOf('needy_child')).toHaveLength(43);
});

test('disability is commoner in age, and a certificate carries number, kind and grade', () => {
  const rows = rowsOf('disabled_person');
  const share = (test: (age: number) => boolean): number => {
    const all = [...people.values()].filter(({ person }) => test(person.age));
    return rows.filter(({ values }) => test(people.get(String(values.person_id))?.person.age ?? 0)).length / all.length;
  };
  expect(share((age) => age >= 60)).toBeGreaterThan(2 * share((age) => age < 60));
  for (const { values } of rows) {
    expect(String(values.cert_no).startsWith(people.get(String(values.person_id))?.person.idNumber ?? '?')).toBe(true);
    expect(String(values.cert_no).startsWith('440699')).toBe(true);
    expect(String(values.cert_no).at(-1)).toBe(String(values.grade));
    expect(values.is_alone).toBe(people.get(String(values.person_id))?.size === 1);
  }
});

test('children in need are children; pupils go to a school there is, the others to none', () => {
  const schools = new Set(rowsOf('primary_school').map(({ values }) => values.school_code));
  for (const { values } of rowsOf('needy_child')) {
    const birth = people.get(String(values.person_id))?.person.birthDate ?? '';
    expect(Number(values.age)).toBeLessThan(16);
    if (birth > '2020-08-31' || birth <= '2014-08-31') expect(values.school_code).toBeNull();
    else expect(schools.has(values.school_code ?? null)).toBe(true);
  }
});

test('families on subsistence are households, headed by their head, and never more than they are', () => {
  const rows = rowsOf('subsistence_family');
  for (const { values } of rows) {
    const head = people.get(String(values.head_person_id));
    expect(head?.household).toBe(values.household_id);
    expect(Number(values.members)).toBeLessThanOrEqual(head?.size ?? 0);
    expect(head?.person.residence).toBe('registered');
  }
  expect(new Set(rows.map(({ values }) => values.household_id)).size).toBe(rows.length);
});

test('diseases have their age and their season', () => {
  const cases = rowsOf('infectious_case');
  const hfmd = cases.filter(({ values }) => values.disease === 'hfmd');
  expect(hfmd.filter(({ values }) => values.age_group === 'child').length / hfmd.length).toBeGreaterThan(0.8);
  const dengue = cases.filter(({ values }) => values.disease === 'dengue');
  const autumn = dengue.filter(({ values }) => /-(09|10|11)-/.test(String(values.onset_on)));
  expect(autumn.length / dengue.length).toBeGreaterThan(0.75);
  for (const { values } of cases) {
    expect(String(values.onset_on) <= String(values.report_at).slice(0, 10)).toBe(true);
    expect(String(values.report_at) < '2026-11-01').toBe(true);
  }
});

test('insurance by grid counts the people of the grid', () => {
  const rows = rowsOf('social_insurance_grid');
  expect(rows.reduce((sum, { values }) => sum + Number(values.population), 0)).toBe(people.size);
  for (const { values } of rows) {
    expect(Number(values.medical)).toBeLessThanOrEqual(Number(values.population));
    expect(Number(values.unemployment)).toBeLessThanOrEqual(Number(values.population));
  }
});

test('the catchments of the health centres hold everybody once', () => {
  const served = rowsOf('community_health_center').reduce(
    (sum, { values }) => sum + Number(values.service_population),
    0,
  );
  expect(served).toBe(people.size);
});

test('canteens are where old people are', () => {
  const elders = new Map<string, number>();
  for (const { building, household } of context.dwellings()) {
    const code = building.code.slice(0, 12);
    const old = household?.persons.filter(({ age }) => age >= 60).length ?? 0;
    elders.set(code, (elders.get(code) ?? 0) + old);
  }
  const chosen = new Set(rowsOf('elder_canteen').map(({ values }) => String(values.community_code)));
  expect(chosen.size).toBe(96);
  const least = Math.min(...[...chosen].map((code) => elders.get(code) ?? 0));
  for (const [code, old] of elders) if (!chosen.has(code)) expect(old).toBeLessThanOrEqual(least);
});

test('quarrels are with generated firms, most often in workshops and on sites', () => {
  const firms = new Map<string, string>();
  const sections = new Map<string, number>();
  for (const { uscc, section } of context.enterprises()) {
    firms.set(uscc, section);
    sections.set(section, (sections.get(section) ?? 0) + 1);
  }
  const cases = new Map<string, number>();
  for (const { values } of rowsOf('labor_dispute')) {
    const section = firms.get(String(values.uscc));
    expect(section).toBeDefined();
    cases.set(section ?? '', (cases.get(section ?? '') ?? 0) + 1);
  }
  const rate = (section: string): number => (cases.get(section) ?? 0) / (sections.get(section) ?? 1);
  expect(rate('C')).toBeGreaterThan(2 * rate('M'));
  expect(rate('E')).toBeGreaterThan(2 * rate('L'));
});

test('codes of social organisations say what they are, with the right check digit', () => {
  const prefix: Record<string, string> = { association: '51', service: '52', foundation: '53' };
  for (const { values } of rowsOf('social_organization')) {
    const code = String(values.uscc);
    expect(code.slice(0, 8)).toBe(`${prefix[String(values.kind)]}440699`);
    expect(usccCheck(code.slice(0, 17))).toBe(code[17]);
  }
});

test('no personal layer of these departments shows who somebody is in tiles or lets it be filtered', () => {
  const personal = layers.filter(
    ({ department, sensitivity }) =>
      ['public_security', 'health', 'civil_affairs', 'emergency'].includes(department) && sensitivity === 'personal',
  );
  expect(personal.length).toBeGreaterThan(9);
  for (const { id, fields, tiles, key } of personal) {
    expect(fields[key]?.mask ?? (id === 'rental_house' ? 'none needed' : undefined), id).toBeDefined();
    for (const name of ['person_id', 'name', 'id_no', 'room_code', 'landlord_name', 'household_id', 'cert_no']) {
      if (!fields[name]) continue;
      expect(fields[name].mask, `${id}.${name}`).toBeDefined();
      expect(tiles?.fields ?? []).not.toContain(name);
      expect(fields[name].filterable ?? false).toBe(false);
    }
  }
});
