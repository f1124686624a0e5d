import { createRoute } from '@hono/zod-openapi';
import { chains } from '../../layers/chains.ts';
import { LinkChains } from '../contract/quality.ts';
import { layersOfChain } from '../quality/link-chains.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { json } from './parameters.ts';
import { endpoint } from './router.ts';

export const readLinkChains = endpoint(
  createRoute({
    method: 'get',
    path: '/api/quality/links',
    tags: ['loads'],
    summary:
      'How far rows come along the chains of links: person to household, room, building and micro-grid, and others',
    description:
      'Counted over the live tables, once for each set of loads. A chain over a layer that the caller may not see is left out.',
    responses: {
      200: json(LinkChains, 'The chains'),
      304: { description: 'The caller has it' },
    },
  }),
  async (c) => {
    const { catalogue, linkChains } = c.var.services;
    const entries = await catalogue.list(c.var.caller.role);
    const ids = new Set(chains.flatMap(layersOfChain));
    const used = entries.filter(({ layer }) => ids.has(layer.id));
    const tag = entityTag(
      'links',
      c.var.caller.role,
      ...used.map(({ layer, state }) => `${layer.id} ${state?.loadId ?? '-'}`),
    );
    const headers = cacheHeaders(
      used.map(({ layer }) => layer),
      tag,
    );
    if (hasCurrent(c, tag)) return notModified(c, headers);
    return c.json(await linkChains.of(chains, entries), 200, headers);
  },
);
