import { createRoute, z } from '@hono/zod-openapi';
import { RasterValue } from '../contract/layers.ts';
import { ApiError } from '../errors.ts';
import { valueAt } from '../raster/value-at.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { failure, json, LayerId, NOT_MODIFIED } from './parameters.ts';
import { choosePicture, openPicture, TimeParameter } from './raster.ts';
import { endpoint } from './router.ts';

const coordinate = (limit: number, example: string) =>
  z
    .string()
    .regex(/^[-+]?\d{1,3}(\.\d{1,20})?$/, 'must be degrees in decimals')
    .transform(Number)
    .refine((value) => Math.abs(value) <= limit, `must be from -${limit} to ${limit}`)
    .openapi({ type: 'number', example: Number(example), description: 'Degrees, EPSG:4326' });

export const readValue = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/value',
    tags: ['features'],
    summary: 'The value of a raster layer at a place',
    description: 'That of the pixel the place lies in, as it was measured: nothing is interpolated.',
    request: {
      params: LayerId,
      query: z.object({
        lon: coordinate(180, '113.07'),
        lat: coordinate(90, '23.01'),
        time: TimeParameter,
        at: AtParameter,
      }),
    },
    responses: {
      200: json(RasterValue, 'The value'),
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID: also for a layer that is no raster'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const { lon, lat, time, at } = c.req.valid('query');
    const { catalogue, rasters } = c.var.services;
    const entry = await catalogue.getAsOf(id, c.var.caller.role, parseAt(at));
    const { layer, state } = entry;
    if (layer.geometry !== 'raster') {
      throw new ApiError('PARAMETER_INVALID', `id: ${id} is no raster; its values are those of its features`, {
        field: 'id',
        value: id,
      });
    }
    const picture = choosePicture(entry, time);
    const tag = entityTag('value', layer.id, state?.loadId ?? 0, picture?.file ?? '', lon, lat);
    const headers = cacheHeaders([layer], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const found = picture === null ? null : await valueAt(rasters, await openPicture(c, layer.id, picture), lon, lat);
    const field = layer.symbology.kind === 'ramp' ? layer.fields[layer.symbology.field] : undefined;
    const isColours = picture?.kind === 'colours';
    const body = {
      layer: layer.id,
      load: state?.loadId ?? 0,
      time: picture?.time ?? null,
      lon,
      lat,
      value: isColours ? null : (found?.[0] ?? null),
      unit: field?.unit ?? picture?.unit ?? null,
      title: field?.title ?? null,
      colour: isColours ? found : null,
    };
    return c.json(body, 200, headers);
  },
);
