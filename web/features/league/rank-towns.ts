/** Which town is behind: shares that can be compared between towns of different size. */
export interface TownFigures {
  code: string;
  name: string;
  open: number;
  overdue: number;
  created: number;
  closed: number;
  /** Null while they are being read, or withheld. */
  residents: number | null;
  firms: number | null;
}

export interface TownStanding extends TownFigures {
  /** Overdue ÷ open, 0 … 1; null where nothing is open. */
  overdueShare: number | null;
  /** Open incidents per 10 000 residents; null where the residents are not known. */
  perTenThousand: number | null;
}

/** Figures with their shares. */
export function standingOf(figures: TownFigures): TownStanding {
  const { open, overdue, residents } = figures;
  return {
    ...figures,
    overdueShare: open > 0 ? overdue / open : null,
    perTenThousand: residents !== null && residents > 0 ? (10_000 * open) / residents : null,
  };
}

/** The larger first, unknown last. */
const compare = (a: number | null, b: number | null) => (b ?? -1) - (a ?? -1);
const add = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b);

/** Furthest behind first: by overdue share, then by open per 10 000 residents, then by code. Unknown comes last. */
export function rankTowns(towns: readonly TownFigures[]): TownStanding[] {
  return towns
    .map(standingOf)
    .toSorted(
      (a, b) =>
        compare(a.overdueShare, b.overdueShare) ||
        compare(a.perTenThousand, b.perTenThousand) ||
        a.code.localeCompare(b.code),
    );
}

/** All towns as one. A sum is null where a part of it is not known. */
export function districtStanding(towns: readonly TownFigures[]): TownStanding {
  return standingOf(
    towns.reduce<TownFigures>(
      (sum, town) => ({
        ...sum,
        open: sum.open + town.open,
        overdue: sum.overdue + town.overdue,
        created: sum.created + town.created,
        closed: sum.closed + town.closed,
        residents: add(sum.residents, town.residents),
        firms: add(sum.firms, town.firms),
      }),
      { code: '', name: '', open: 0, overdue: 0, created: 0, closed: 0, residents: 0, firms: 0 },
    ),
  );
}
