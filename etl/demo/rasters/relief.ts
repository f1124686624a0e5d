import type { Context } from '../context.ts';
import { elevationOf } from '../elevation.ts';
import { writeField } from './field-picture.ts';

/** Metres between two posts of the delivered model: a plain has little more to tell at the five of its name. */
const POSTS = 20;

/** Heights within the district, as the surveyors hand them in: CGCS2000, 3-degree zone 38. */
export function writeHeights(context: Context, file: string): void {
  const surface = elevationOf(context);
  writeField(context, {
    file,
    crs: 'EPSG:4526',
    pixel: POSTS,
    margin: null,
    valueAt: (x, y) => surface.at(x, y),
    decimals: 2,
  });
}
