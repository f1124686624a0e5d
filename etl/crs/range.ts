import { DISTRICT_WINDOW, isWithin } from './district.ts';
import { toWgs84 } from './transform.ts';

/** A reading of a file's numbers, and the rows that fall into the district by it. */
export interface Fit {
  crs: string;
  share: number;
  /** One per sample. */
  isInside: boolean[];
}

/** CRS a delivery of this district may be in, most common first. The three families of degrees are one here: see `verdict.ts`. */
const CANDIDATES = [
  'EPSG:4326',
  'EPSG:4526',
  'EPSG:4547',
  'EPSG:3857',
  'EPSG:4525',
  'EPSG:4546',
  'EPSG:4527',
  'EPSG:4548',
  'EPSG:4508',
  'EPSG:4497',
  'BD-09MC',
];

/** A second reading counts as a part of the file, not as mistakes in it, from these numbers on. */
export const MIXED = { rows: 5, share: 0.15 } as const;

/** Whether so many rows of all are a part of the file. */
export function isPart(rows: number, total: number): boolean {
  return rows >= MIXED.rows && rows / total >= MIXED.share;
}

export function fitOf(samples: readonly { x: number; y: number }[], crs: string): Fit {
  const transform = toWgs84(crs);
  const isInside = samples.map(({ x, y }) => {
    const [lon, lat] = transform(x, y);
    return isWithin(DISTRICT_WINDOW, lon, lat);
  });
  return { crs, isInside, share: isInside.filter(Boolean).length / samples.length };
}

/** How well each CRS, with its axes as they are and exchanged, brings the samples into the district; the best first. */
export function districtFits(samples: readonly { x: number; y: number }[]): Fit[] {
  return [...CANDIDATES, ...CANDIDATES.map((crs) => `${crs}/yx`)]
    .map((crs) => fitOf(samples, crs))
    .filter(({ share }) => share > 0)
    .toSorted((a, b) => b.share - a.share);
}

/** The reading that explains most of the rows that `first` does not, if they are a part of the file and not just mistakes. */
export function secondFit(first: Fit, fits: readonly Fit[]): { crs: string; share: number } | null {
  const total = first.isInside.length;
  let best: { crs: string; share: number } | null = null;
  for (const { crs, isInside } of fits) {
    const rows = isInside.filter((inside, i) => inside && !first.isInside[i]).length;
    if (!isPart(rows, total)) continue;
    if (!best || rows / total > best.share) best = { crs, share: rows / total };
  }
  return best;
}
