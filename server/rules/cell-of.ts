/** By what something is told apart: the cells of a level, or not at all. */
export type Per = 'all' | 'grid' | 'community' | 'town';

/** The part that has everything. */
export const ALL = 'all';

/** The cell of a level that holds a micro-grid. */
export function cellOf(per: Per, grid: string): string {
  switch (per) {
    case 'all':
      return ALL;
    case 'grid':
      return grid;
    case 'community':
      return grid.slice(0, 12);
    case 'town':
      return `${grid.slice(0, 9)}000`;
  }
}
