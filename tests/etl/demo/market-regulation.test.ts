import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { usccCheck } from '../../../etl/demo/identity.ts';
import { toBoard } from '../../../etl/demo/plane.ts';
import { blockAt } from '../../../etl/demo/places.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';

const context = createContext(0.02, 3);
const firms = new Map([...context.enterprises()].map((firm) => [firm.uscc, firm]));
const cache = new Map<string, Row[]>();

function rowsOf(id: string): Row[] {
  const known = cache.get(id) ?? [...(deliveries[id]?.(context).rows ?? [])];
  cache.set(id, known);
  return known;
}

function firmOf(row: Row) {
  const firm = firms.get(String(row.values.uscc));
  if (!firm) throw new Error(`there is no firm ${String(row.values.uscc)}`);
  return firm;
}

test.each([
  'food_licence',
  'bright_kitchen',
  'food_sampling',
  'entity_change_record',
  'enterprise_credit',
  'abnormal_operation',
  'administrative_penalty',
  'consumer_complaint',
  'boiler_vessel',
])('every row of %s is about a firm that is in the register', (id) => {
  const rows = rowsOf(id);
  expect(rows.length).toBeGreaterThan(80);
  for (const row of rows) expect(firms.has(String(row.values.uscc))).toBe(true);
});

test('restaurants cook, shops sell, and a licence ends with its firm', () => {
  for (const row of rowsOf('food_licence')) {
    const { section, status, industryCode } = firmOf(row);
    const { category } = row.values;
    if (section === 'H') expect(category).toBe('catering');
    if (category === 'sale') expect(industryCode).toBe('F5212');
    if (['cancelled', 'revoked', 'moved_out'].includes(status)) expect(row.values.state).toBe('withdrawn');
    if (row.values.state === 'valid') expect(String(row.values.expires_on) >= '2026-11-01').toBe(true);
    if (row.values.state === 'expired') expect(String(row.values.expires_on) < '2026-11-01').toBe(true);
    expect(String(row.values.issued_on) > firmOf(row).establishedOn).toBe(true);
  }
});

test('a kitchen on show has a valid licence of the same firm, and no shop is among them', () => {
  const licences = new Map(rowsOf('food_licence').map((row) => [row.values.licence_no, row.values]));
  for (const { values } of rowsOf('bright_kitchen')) {
    const licence = licences.get(values.licence_no as string);
    expect(licence?.uscc).toBe(values.uscc);
    expect(licence?.state).toBe('valid');
    expect(licence?.category).not.toBe('sale');
    expect(values.ai_alarm === 'offline').toBe(values.online === false);
  }
});

test('failed samples name what failed, and a bad grade fails more often', () => {
  const gradeOf = new Map(rowsOf('food_licence').map((row) => [row.values.uscc, row.values.risk_grade]));
  const failing = (grades: string[]): number => {
    const rows = rowsOf('food_sampling').filter((row) =>
      grades.includes(String(gradeOf.get(row.values.uscc as string))),
    );
    return rows.filter((row) => row.values.result === 'failed').length / rows.length;
  };
  for (const { values } of rowsOf('food_sampling')) expect(values.item === null).toBe(values.result === 'passed');
  expect(failing(['C', 'D'])).toBeGreaterThan(failing(['A']));
});

test('a firm has one rating, and being on the list of abnormal operations or revoked costs it', () => {
  const ratings = new Map(rowsOf('enterprise_credit').map((row) => [row.values.uscc, row.values]));
  expect(rowsOf('enterprise_credit')).toHaveLength(firms.size);
  expect(ratings.size).toBe(firms.size);
  const listed = rowsOf('abnormal_operation').filter((row) => row.values.state === 'listed');
  expect(listed.length).toBeGreaterThan(100);
  for (const row of listed) {
    expect(['C', 'D']).toContain(ratings.get(row.values.uscc as string)?.grade);
    expect(ratings.get(row.values.uscc as string)?.risk_tags).toContain('经营异常');
  }
  for (const row of rowsOf('abnormal_operation'))
    expect(row.values.removed_on === null).toBe(row.values.state === 'listed');
  const score = (usccs: Iterable<unknown>): number => {
    const all = [...usccs].map((uscc) => Number(ratings.get(uscc as string)?.score));
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  };
  const punished = rowsOf('administrative_penalty').map((row) => row.values.uscc);
  expect(score(punished)).toBeLessThan(score(firms.keys()) - 60);
});

test('changes come after the foundation and lead to what the register says today', () => {
  const last = new Map<string, Row>();
  for (const row of rowsOf('entity_change_record')) {
    expect(String(row.values.changed_on) > firmOf(row).establishedOn).toBe(true);
    expect(String(row.values.changed_on) <= '2026-11-01').toBe(true);
    last.set(`${String(row.values.uscc)} ${String(row.values.item)}`, row);
  }
  const titles = { active: '存续', suspended: '歇业', revoked: '吊销', cancelled: '注销', moved_out: '迁出' };
  let checked = 0;
  for (const row of last.values()) {
    const firm = firmOf(row);
    const now = { legal_person: firm.legalPerson, name: firm.name, status: titles[firm.status] }[
      String(row.values.item)
    ];
    if (now === undefined) continue;
    checked += 1;
    expect(row.values.after_value).toBe(now);
  }
  expect(checked).toBeGreaterThan(500);
});

test('the self-employed have made-up codes of their own kind with the right check character', () => {
  const codes = rowsOf('self_employed').map((row) => String(row.values.uscc));
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) {
    expect(code.slice(0, 8)).toBe('92440699');
    expect(usccCheck(code.slice(0, 17))).toBe(code.charAt(17));
    expect(firms.has(code)).toBe(false);
  }
});

function goods(town: string): unknown[] {
  return rowsOf('specialized_market')
    .filter(({ shape }) => {
      if (shape?.type !== 'Point') throw new Error('a market is a point');
      const block = blockAt(context, toBoard(shape.at[0], shape.at[1]));
      return block && context.district.towns[block.town]?.name === town;
    })
    .map((row) => row.values.goods);
}

test('markets trade in what their town is known for', () => {
  expect(goods('张槎街道')).toContain('textile');
  expect(goods('张槎街道')).not.toContain('ceramics');
  expect([...goods('石湾镇街道'), ...goods('南庄镇')]).toContain('ceramics');
  expect([...goods('石湾镇街道'), ...goods('南庄镇')]).not.toContain('textile');
});

test('complaints are mostly about restaurants and shops, by phones that nobody has', () => {
  const complaints = rowsOf('consumer_complaint').map((row) => firmOf(row).section);
  const perFirm = (section: string): number =>
    complaints.filter((own) => own === section).length /
    [...firms.values()].filter((firm) => firm.section === section).length;
  expect(perFirm('H')).toBeGreaterThan(5 * perFirm('C'));
  for (const row of rowsOf('consumer_complaint')) expect(row.values.reporter_phone).toMatch(/^10[1-9]\d{8}$/);
});
