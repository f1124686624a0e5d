import { expect, test } from 'vitest';
import { collectiveAssetsOf, collectivesOf } from '../../../etl/demo/collectives.ts';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { usccCheck } from '../../../etl/demo/identity.ts';
import { ruralCollective } from '../../../etl/demo/themes/rural-collective.ts';

const context = createContext(0.01, 1);
const rowsOf = (id: string): Row[] => [...(ruralCollective[id]?.(context).rows ?? [])];
const assets = collectiveAssetsOf(context);

test('640 collectives with codes of their own kind, a village in each community that has groups', () => {
  const collectives = collectivesOf(context);
  expect(collectives).toHaveLength(640);
  expect(new Set(collectives.map(({ uscc }) => uscc)).size).toBe(640);
  const villages = new Set(collectives.filter(({ level }) => level === 'village').map(({ community }) => community));
  for (const { uscc, level, community } of collectives) {
    expect(uscc.startsWith({ group: 'N1440699', village: 'N2440699', town: 'N3440699' }[level])).toBe(true);
    expect(uscc.at(-1)).toBe(usccCheck(uscc.slice(0, 17)));
    if (level === 'group') expect(villages.has(community)).toBe(true);
  }
  // Every administrative village has its own.
  context.district.communities.forEach(({ kind, name }, c) => {
    const blocks = context.district.blocks.filter((block) => block.community === c && block.use === 'village');
    if (kind === '村' && blocks.length > 0) expect(villages.has(c), name).toBe(true);
  });
});

test('an asset belongs to a collective of the community it lies in', () => {
  expect(assets.length).toBeGreaterThan(1200);
  for (const { owner, block } of assets) {
    expect(owner.community).toBe(block.community);
    expect(owner.level).not.toBe('town');
  }
});

test('contracts: one at a time for an asset, running exactly where the asset is leased', () => {
  const today = '2026-11-01';
  const byAsset = new Map<unknown, Row[]>();
  for (const contract of rowsOf('collective_contract')) {
    const list = byAsset.get(contract.values.asset_no) ?? [];
    byAsset.set(contract.values.asset_no, [...list, contract]);
  }
  for (const { no, state } of assets) {
    const contracts = byAsset.get(no) ?? [];
    if (state === 'self_used') expect(contracts).toEqual([]);
    const running = contracts.filter(({ values }) => values.state !== 'ended');
    expect(running).toHaveLength(state === 'leased' ? 1 : 0);
    const terms = contracts
      .map(({ values }) => [String(values.start_on), String(values.end_on)] as const)
      .toSorted((p, q) => p[0].localeCompare(q[0]));
    terms.forEach(([start, end], i) => {
      expect(start < end).toBe(true);
      if (i > 0) expect(start > (terms[i - 1]?.[1] ?? '')).toBe(true);
    });
    for (const { values } of contracts) {
      const isPast = String(values.end_on) < today;
      expect(isPast).toBe(values.state === 'ended' || values.state === 'overdue');
      expect(String(values.start_on) <= today).toBe(true);
      if (values.state === 'ended') expect(values.arrears_yuan).toBe(0);
    }
  }
});

test('knitting is rented out in 张槎, ceramics elsewhere', () => {
  const usages = new Map(rowsOf('collective_asset').map(({ values }) => [values.asset_no, String(values.usage)]));
  const share = (isIn: boolean, word: string): number => {
    const factories = assets.filter(
      ({ kind, block }) => kind === 'factory' && (context.district.towns[block.town]?.name === '张槎街道') === isIn,
    );
    return factories.filter(({ no }) => usages.get(no)?.includes(word)).length / factories.length;
  };
  expect(share(true, '针织')).toBeGreaterThan(0.3);
  expect(share(false, '针织')).toBe(0);
  expect(share(false, '陶瓷')).toBeGreaterThan(0.3);
});
