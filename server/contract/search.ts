/** What the search box finds. */
import { z } from '@hono/zod-openapi';
import { Bbox, Text } from './basics.ts';

/** Something the search box found. `fid` null: a layer. */
export const SearchHit = z.object({
  layer: z.string(),
  layerTitle: Text,
  fid: z.number().int().nullable(),
  title: Text,
  score: z.number(),
  /** `[lon, lat]`; the middle of the bbox where it is no point. Null without a place. */
  position: z.tuple([z.number(), z.number()]).nullable(),
  bbox: Bbox.nullable(),
  /** What matched; `range` are the characters of `text`, null where they are spread over it or hidden. */
  match: z.object({
    field: z.string(),
    title: Text,
    text: z.string(),
    range: z.tuple([z.number().int(), z.number().int()]).nullable(),
  }),
});

export type SearchHit = z.infer<typeof SearchHit>;

export const SearchGroup = z.object({
  group: z.enum(['layer', 'place', 'address', 'enterprise', 'camera', 'person', 'record']),
  title: Text,
  hits: z.array(SearchHit),
});

export type SearchGroup = z.infer<typeof SearchGroup>;

export const SearchResults = z
  .object({
    groups: z.array(SearchGroup),
    /** Layers whose live load is not indexed yet; their rows are missing. */
    pending: z.array(z.string()),
  })
  .openapi('SearchResults');

export type SearchResults = z.infer<typeof SearchResults>;
