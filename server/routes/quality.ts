import { createRoute } from '@hono/zod-openapi';
import { Quality } from '../contract/quality.ts';
import { qualityOf } from '../quality/quality-of.ts';
import { json } from './parameters.ts';
import { endpoint } from './router.ts';

export const readQuality = endpoint(
  createRoute({
    method: 'get',
    path: '/api/quality',
    tags: ['loads'],
    summary: 'How good the data of each layer and department are, by criteria that can be checked',
    description:
      'Over the layers of the catalogue that the caller may see; rasters, which have no rows, and layers of users are left out. A layer that was never loaded scores 0.',
    responses: { 200: json(Quality, 'Scores of 0 to 100 with what they are made of') },
  }),
  async (c) => {
    const { catalogue, db } = c.var.services;
    const entries = await catalogue.list(c.var.caller.role);
    const layers = entries.flatMap(({ layer, isUserLayer }) =>
      isUserLayer || layer.geometry === 'raster' ? [] : layer,
    );
    return c.json(await qualityOf(db.sql, layers), 200, { 'Cache-Control': 'no-store' });
  },
);
