import type { Text } from '../../layers/define.ts';
import { MIXED } from './range.ts';
import { toWgs84 } from './transform.ts';

export const DATUMS = ['EPSG:4326', 'GCJ-02', 'BD-09'] as const;

export interface CellVerdict {
  /** The datum, or null when the cells do not tell. */
  crs: (typeof DATUMS)[number] | null;
  mixed?: { crs: string; share: number }[];
  reasons: Text[];
}

/** Rows that must name their cell. */
const LEAST = 30;
/** A datum wins by this much: five points in a hundred. */
const CLEAR = 0.05;

/**
 * Which datum the degrees are in, by the grid cells or communities that rows claim to lie in. Rows that are right by one
 * datum alone show a file put together from several.
 */
export function judgeCells(
  samples: readonly { x: number; y: number; cell?: string }[],
  cellsAt: (lon: number, lat: number) => { grid: string; community: string } | null,
): CellVerdict | null {
  const placed = samples.filter(({ cell }) => cell !== undefined);
  if (placed.length < LEAST) return null;
  const transforms = DATUMS.map((crs) => toWgs84(crs));
  const hits = DATUMS.map(() => 0);
  const alone = DATUMS.map(() => 0);
  for (const { x, y, cell } of placed) {
    const right = transforms.flatMap((transform, i) => {
      const cells = cellsAt(...transform(x, y));
      return cells && (cells.grid === cell || cells.community === cell) ? [i] : [];
    });
    for (const i of right) hits[i] = (hits[i] as number) + 1;
    const [only] = right;
    if (right.length === 1 && only !== undefined) alone[only] = (alone[only] as number) + 1;
  }
  const told = alone.reduce((sum, count) => sum + count, 0);
  const parts = DATUMS.map((crs, i) => ({ crs, count: alone[i] as number, share: (alone[i] as number) / told }))
    .filter(({ count, share }) => count >= MIXED.rows && share >= MIXED.share)
    .toSorted((a, b) => b.count - a.count);
  // Rows whose code is wrong may by chance be right elsewhere: the parts must explain the file.
  if (parts.length > 1 && told >= placed.length * 0.5) {
    return {
      crs: null,
      mixed: parts.map(({ crs, share }) => ({ crs, share })),
      reasons: [
        {
          zh: `${told} 行只按一种坐标系落在自己填写的网格或村居内`,
          en: `${told} rows lie in the cell they name by one datum only`,
        },
      ],
    };
  }
  const [best, second] = DATUMS.map((crs, i) => ({ crs, share: (hits[i] as number) / placed.length })).toSorted(
    (a, b) => b.share - a.share,
  ) as [{ crs: (typeof DATUMS)[number]; share: number }, { crs: string; share: number }];
  if (best.share < 0.5 || best.share - second.share < CLEAR) return { crs: null, reasons: [] };
  return {
    crs: best.crs,
    reasons: [
      {
        zh: `按 ${best.crs}，${percent(best.share)} 的行落在自己填写的网格或村居内（次优 ${second.crs} ${percent(second.share)}）`,
        en: `read as ${best.crs}, ${percent(best.share)} of the rows lie in the cell they name (next best ${second.crs}, ${percent(second.share)})`,
      },
    ],
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
