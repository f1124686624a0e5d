import { readFile } from 'node:fs/promises';
import { createRoute, z } from '@hono/zod-openapi';
import { iconFile } from '../../layers/icon-file.ts';
import { layers } from '../../layers/index.ts';
import { ApiError } from '../errors.ts';
import { entityTag, hasCurrent, notModified } from './cache.ts';
import { failure } from './parameters.ts';
import { endpoint } from './router.ts';

/** Icons that layers are drawn with; no other file of the icon sets is served. */
const known: ReadonlySet<string> = new Set(layers.flatMap(({ icon }) => icon ?? []));
const pictures = new Map<string, Promise<string>>();

export const readIcon = endpoint(
  createRoute({
    method: 'get',
    path: '/api/icons/{set}/{name}',
    tags: ['tiles'],
    summary: 'The picture of a layer with an icon (SVG, black on nothing)',
    request: {
      params: z.object({
        set: z.string().openapi({ param: { name: 'set', in: 'path' }, example: 'maki' }),
        name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'hospital' }),
      }),
    },
    responses: {
      200: { description: 'The picture', content: { 'image/svg+xml': { schema: z.string() } } },
      304: { description: 'You have it' },
      404: failure('ROUTE_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { set, name } = c.req.valid('param');
    const icon = `${set}/${name}`;
    const file = known.has(icon) ? iconFile(icon) : null;
    if (file === null) {
      throw new ApiError('ROUTE_NOT_FOUND', `No layer is drawn with the icon ${icon.slice(0, 100)}.`, {
        field: 'name',
        value: name,
      });
    }
    const picture = await (pictures.get(icon) ?? remember(icon, readFile(file, 'utf8')));
    const tag = entityTag('icon', picture);
    const headers = { ETag: tag, 'Cache-Control': 'public, max-age=86400', 'Content-Type': 'image/svg+xml' };
    return hasCurrent(c, tag) ? notModified(c, headers) : c.body(picture, 200, headers);
  },
);

function remember(icon: string, reading: Promise<string>): Promise<string> {
  pictures.set(icon, reading);
  reading.catch(() => pictures.delete(icon));
  return reading;
}
