import { describe, expect, it } from 'vitest';
import {
  districtStanding,
  rankTowns,
  standingOf,
  type TownFigures,
} from '../../../../web/features/league/rank-towns.ts';

const town = (code: string, figures: Partial<TownFigures> = {}): TownFigures => ({
  code,
  name: code,
  open: 0,
  overdue: 0,
  created: 0,
  closed: 0,
  residents: 10_000,
  firms: 100,
  ...figures,
});

describe('standingOf', () => {
  it('relates overdue to open, and open to residents', () => {
    expect(standingOf(town('a', { open: 40, overdue: 10, residents: 20_000 }))).toMatchObject({
      overdueShare: 0.25,
      perTenThousand: 20,
    });
  });

  it('has no share of nothing: no open incident, no residents, residents not known', () => {
    expect(standingOf(town('a')).overdueShare).toBeNull();
    expect(standingOf(town('a', { open: 3, residents: 0 })).perTenThousand).toBeNull();
    expect(standingOf(town('a', { open: 3, residents: null })).perTenThousand).toBeNull();
  });
});

describe('rankTowns', () => {
  it('puts the largest overdue share first, not the largest number', () => {
    const many = town('many', { open: 100, overdue: 10 });
    const late = town('late', { open: 10, overdue: 5 });
    expect(rankTowns([many, late]).map(({ code }) => code)).toEqual(['late', 'many']);
  });

  it('settles equal shares by open per resident, then by code, and puts unknown last', () => {
    const towns = [
      town('d', { open: 5, residents: null }),
      town('c', { open: 5 }),
      town('b', { open: 5 }),
      town('a', { open: 4 }),
      town('e', { open: 5, residents: 1_000 }),
    ];
    expect(rankTowns(towns).map(({ code }) => code)).toEqual(['e', 'b', 'c', 'a', 'd']);
  });

  it('leaves its input as it was', () => {
    const towns = [town('a'), town('b', { open: 1, overdue: 1 })];
    rankTowns(towns);
    expect(towns.map(({ code }) => code)).toEqual(['a', 'b']);
  });
});

describe('districtStanding', () => {
  it('is the share of the sums, not the mean of the shares', () => {
    const district = districtStanding(
      [town('a', { open: 90, overdue: 0, residents: 90_000 }), town('b', { open: 10, overdue: 10, residents: 10_000 })],
      { residents: 100_000, firms: 200 },
    );
    expect(district).toMatchObject({
      open: 100,
      overdue: 10,
      overdueShare: 0.1,
      residents: 100_000,
      perTenThousand: 10,
    });
  });

  it('knows the whole where a part is withheld, and nothing where the whole is', () => {
    const towns = [town('a', { open: 3 }), town('b', { open: 2, residents: null })];
    expect(districtStanding(towns, { residents: 10_000, firms: 200 })).toMatchObject({
      residents: 10_000,
      perTenThousand: 5,
      firms: 200,
    });
    expect(districtStanding(towns, { residents: null, firms: null })).toMatchObject({
      residents: null,
      perTenThousand: null,
      firms: null,
    });
  });
});
