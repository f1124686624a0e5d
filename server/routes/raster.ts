import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { endOfTime, pictureAt, type RasterPicture } from '../../layers/raster.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { RASTER_STYLES, type RasterStyle } from '../contract/layers.ts';
import type { Tiff } from '../db/tiff.ts';
import { ApiError } from '../errors.ts';
import { paintTile, stylesOf } from '../raster/paint.ts';
import { encodePng } from '../raster/png.ts';
import { TILE_SIDE } from '../raster/sample-tile.ts';
import type { Tile } from '../tiles/tile.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import type { AppEnv } from './router.ts';

export const TimeParameter = z.string().max(40).optional().openapi({
  description:
    'Of a raster with a series of pictures: a year, a day or an instant; the picture that was the newest then answers. Left out: the newest.',
  example: '2012',
});

export const StyleParameter = z
  .enum(RASTER_STYLES)
  .optional()
  .openapi({ description: 'Of a raster: another way to draw it than its own' });

/**
 * The picture of a version that a time asks for; null while nothing is loaded. Throws `PARAMETER_INVALID` for what is no
 * time, `VERSION_NOT_FOUND` for one before the first picture.
 */
export function choosePicture({ layer, state }: CatalogueEntry, time: string | undefined): RasterPicture | null {
  // A plus sign that was not escaped arrives as a blank.
  const asked = time?.replace(/ (?=\d{2}:\d{2}$)/, '+') || undefined;
  if (asked !== undefined && Number.isNaN(endOfTime(asked))) {
    throw new ApiError(
      'PARAMETER_INVALID',
      `time: "${asked}" is no year, no day like 2026-03-01 and no instant like 2026-03-01T08:10:00+08:00`,
      { field: 'time', value: asked },
    );
  }
  const pictures = state?.pictures ?? [];
  const picture = pictureAt(pictures, asked);
  if (picture === null && pictures.length > 0) {
    throw new ApiError(
      'VERSION_NOT_FOUND',
      `Layer ${layer.id} has no picture as early as ${asked}. The first is of ${pictures[0]?.time}.`,
      { field: 'time', value: asked },
    );
  }
  return picture;
}

/** The tables of a picture. Throws `VERSION_GONE` when retention has removed its file meanwhile. */
export async function openPicture(c: Context<AppEnv>, layerId: string, { file }: RasterPicture): Promise<Tiff> {
  try {
    return await c.var.services.rasters.open(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new ApiError('VERSION_GONE', `The picture of layer ${layerId} is no longer kept.`, { cause });
  }
}

/** A map tile of a raster layer, drawn from the published file. */
export async function answerPicture(
  c: Context<AppEnv>,
  entry: CatalogueEntry,
  tile: Tile,
  query: { time: string | undefined; style: RasterStyle | undefined; version: string | undefined },
): Promise<Response> {
  const { layer, state } = entry;
  const picture = choosePicture(entry, query.time);
  if (picture === null || state === null) {
    return c.body(null, 204, cacheHeaders([layer], entityTag('png', layer.id, 0)));
  }
  const styles = stylesOf(layer, picture);
  const style = query.style ?? (styles[0] as RasterStyle);
  if (!styles.includes(style)) {
    throw new ApiError(
      'PARAMETER_INVALID',
      `style: ${layer.id} can be drawn as ${styles.join(', ')}, not as ${style}`,
      {
        field: 'style',
        value: style,
      },
    );
  }
  const tag = entityTag('png', picture.file, style, JSON.stringify(layer.symbology), tile.z, tile.x, tile.y);
  const headers = cacheHeaders([layer], tag, query.version === String(state.loadId));
  if (hasCurrent(c, tag)) return notModified(c, headers);
  const tiff = await openPicture(c, layer.id, picture);
  const pixels = await paintTile(c.var.services.rasters, tiff, tile, style, layer.symbology);
  if (pixels === null) return c.body(null, 204, headers);
  const png = await encodePng(pixels, TILE_SIDE, TILE_SIDE);
  return c.body(new Uint8Array(png), 200, { ...headers, 'Content-Type': 'image/png' });
}
