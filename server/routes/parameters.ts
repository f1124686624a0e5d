import { z } from '@hono/zod-openapi';
import { ErrorBody } from '../contract/basics.ts';
import { FILTER_LANGUAGES } from '../filter/parse.ts';

/** Parameters and answers that several routes share. */
export const LayerId = z.object({
  id: z
    .string()
    .min(1)
    .max(64)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'enterprise' }),
});

/** The number of a thing in a path. */
export function numberInPath(name: string, example?: number) {
  return z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be a positive whole number')
    .transform(Number)
    .openapi({ param: { name, in: 'path' }, type: 'integer', ...(example === undefined ? {} : { example }) });
}

export const IncidentId = z.object({
  id: numberInPath('id', 17),
});

export const TileParameters = {
  z: z.string().openapi({ param: { name: 'z', in: 'path' }, example: '14' }),
  x: z.string().openapi({ param: { name: 'x', in: 'path' }, example: '13338' }),
  y: z
    .string()
    .openapi({ param: { name: 'y', in: 'path' }, example: '7100', description: 'May end in .mvt, .pbf or .png' }),
};

export const FilterParameter = z.string().optional().openapi({
  description:
    'JSON: {"field","op","value"} with op = != < <= > >= between in like ilike contains icontains null notnull; {"and":[…]}, {"or":[…]}, {"not":…}; {"bbox":[minLon,minLat,maxLon,maxLat]}; {"within":GeoJSON Polygon or MultiPolygon}; {"circle":{"centre":[lon,lat],"metres"}}; {"inside":{"layer","fid"?,"filter"?,"metres"?}}; {"cells":{"by":"grid|community|town","codes":[…]}}. Or OGC CQL2, as text or JSON.',
  example: '{"field":"status","op":"=","value":"active"}',
});

export const FilterLangParameter = z
  .enum(FILTER_LANGUAGES)
  .optional()
  .openapi({
    param: { name: 'filter-lang', in: 'query' },
    description:
      'Language of `filter`. Left out: text that begins with { is JSON, of CQL2 where it has "op" and "args"; other text is CQL2.',
  });

export const BboxParameter = z
  .string()
  .optional()
  .openapi({ description: 'minLon,minLat,maxLon,maxLat in degrees (EPSG:4326)', example: '113.05,23.00,113.12,23.05' });

export const VersionParameter = z
  .string()
  .max(200)
  .optional()
  .openapi({ description: 'Load id. When it is the one that answers, the answer may be cached for ever.' });

export function json<T>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** An error answer, for the contract. */
export function failure(description: string) {
  return json(ErrorBody, description);
}

export const NOT_MODIFIED = { description: 'The caller has the current answer' };
