import type { SearchHit } from '../../../server/app.ts';

/** Close enough to see what was found, far enough to see all of it. */
export function zoomOf({ bbox }: SearchHit): number {
  if (!bbox) return 17;
  const width = Math.max(bbox[2] - bbox[0], bbox[3] - bbox[1], 0.0005);
  return Math.min(17, Math.max(10, Math.log2(360 / width) - 0.5));
}
