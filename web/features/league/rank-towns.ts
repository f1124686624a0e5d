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

/** What there is in the district as a whole, also without a place; null while it is being read, or withheld. */
export type DistrictTotals = Pick<TownFigures, 'residents' | 'firms'>;

/**
 * All towns as one. Residents and firms are the district's own totals: where a town's are withheld the others add up to too
 * little, and the service says whether the total may be known.
 */
export function districtStanding(towns: readonly TownFigures[], totals: DistrictTotals): TownStanding {
  const sum = (of: (town: TownFigures) => number) => towns.reduce((all, town) => all + of(town), 0);
  return standingOf({
    code: '',
    name: '',
    open: sum(({ open }) => open),
    overdue: sum(({ overdue }) => overdue),
    created: sum(({ created }) => created),
    closed: sum(({ closed }) => closed),
    ...totals,
  });
}
