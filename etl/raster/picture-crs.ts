import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import { DISTRICT_WINDOW, isWithin } from '../crs/district.ts';
import { normalCrs } from '../crs/names.ts';
import { toWgs84 } from '../crs/transform.ts';
import { districtVerdict, type Sample } from '../crs/verdict.ts';
import { LoadError } from '../errors.ts';
import { acceptVerdict, type DetectedCrs, detectWorldCrs } from '../steps/detect.ts';
import type { Picture } from './inspect-picture.ts';

/** Places along each side of a picture that are looked at. */
const SIDE = 24;

/**
 * Decides by which CRS a picture is read, by the rules for records: what the layer states must bring the picture over the
 * district, what the file or the person states must be possible.
 * @param layer null for a picture of anywhere that somebody imports
 * Throws LoadError NO_CRS, WRONG_CRS, OLD_DATUM with what to do.
 */
export async function pictureCrs(
  db: Database,
  picture: Picture,
  layer: Layer | null,
  override?: string,
): Promise<DetectedCrs> {
  const samples = placesOf(picture);
  if (layer === null || layer.checks.extent === 'region') {
    const stated = override ?? (picture.crs ? undefined : layer?.source.crs);
    assertTurnable(picture, stated);
    return detectWorldCrs(db, picture, samples, stated);
  }
  const stated = normalCrs(override ?? layer.source.crs);
  assertTurnable(picture, stated);
  // A picture may reach far beyond the district: it is judged by its part over it, where there is one.
  const transform = toWgs84(stated);
  const over = samples.filter(({ x, y }) => isWithin(DISTRICT_WINDOW, ...transform(x, y)));
  const verdict = await districtVerdict(over.length > 0 ? over : samples, stated, picture.crs, {
    isStatedByPerson: override !== undefined,
  });
  return acceptVerdict(verdict, stated, (crs) => toWgs84(crs));
}

/** Shifted datums are no projections: points are turned back one by one, pictures would have to be drawn anew. */
function assertTurnable({ name }: Picture, stated: string | undefined): void {
  if (stated === undefined || !/^(GCJ-02|BD-09|BD-09MC|.*\/yx)$/.test(normalCrs(stated))) return;
  throw new LoadError('UNSUPPORTED', {
    zh: `${name}：栅格不能按 ${stated} 转换。请交付 CGCS2000 或 WGS 84 的原始影像。`,
    en: `${name}: a raster cannot be turned from ${stated}. Hand in the original in CGCS2000 or WGS 84.`,
  });
}

function placesOf({ transform, info: { size } }: Picture): Sample[] {
  const [x0, dx, rx, y0, ry, dy] = transform;
  const places: Sample[] = [];
  for (let j = 0; j <= SIDE; j += 1) {
    for (let i = 0; i <= SIDE; i += 1) {
      const [u, v] = [(i / SIDE) * size[0], (j / SIDE) * size[1]];
      places.push({ x: x0 + u * dx + v * rx, y: y0 + u * ry + v * dy });
    }
  }
  return places;
}
