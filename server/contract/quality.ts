/** How good the loaded data is, by criteria that everybody sees. */
import { z } from '@hono/zod-openapi';
import { Text } from './basics.ts';
import { LoadSummary } from './loads.ts';

export const CRITERIA = ['accepted', 'complete', 'located', 'fresh', 'intact', 'rowCount', 'crs'] as const;

const Criterion = z.object({ id: z.enum(CRITERIA), title: Text, weight: z.number(), rule: Text });

/** `value` is 0..1, or null where the criterion does not apply: its weight then does not count. */
const CriterionValue = z.object({ id: z.enum(CRITERIA), value: z.number().nullable(), reason: Text });

export const Quality = z
  .object({
    /** Mean of the layers of the catalogue that the caller may see and that have rows to load. */
    score: z.number().nullable(),
    criteria: z.array(Criterion),
    /** Layers whose cells are still to be counted; ask again. */
    pending: z.number().int(),
    departments: z.array(
      z.object({
        id: z.string(),
        title: Text,
        score: z.number(),
        layers: z.number().int(),
        loaded: z.number().int(),
        stale: z.number().int(),
        /** Layers whose last attempt failed. */
        failed: z.number().int(),
        quarantined: z.number().int(),
      }),
    ),
    layers: z.array(
      z.object({
        id: z.string(),
        title: Text,
        department: z.string(),
        /** 0..100; 0 while the layer was never loaded. */
        score: z.number(),
        freshness: z.enum(['fresh', 'stale', 'never']),
        /** The live load. */
        load: z.number().int().nullable(),
        publishedAt: z.string().nullable(),
        rows: LoadSummary.shape.rows.nullable(),
        /** The last attempt, when it failed. */
        failed: z.object({ load: z.number().int(), code: z.string(), title: Text }).nullable(),
        values: z.array(CriterionValue),
      }),
    ),
  })
  .openapi('Quality');

const ChainHop = z.object({
  /** The field that says where to go on, and its title. */
  by: z.string(),
  byTitle: Text,
  /** The layer it leads to; null for an address that is looked up, from whose row the next hop starts too. */
  to: z.string().nullable(),
  title: Text,
  /** entered = matched + sum of unmatched; what is matched enters the next hop. */
  entered: z.number().int(),
  matched: z.number().int(),
  rate: z.number().nullable(),
  unmatched: z.array(
    z.object({ reason: z.enum(['empty', 'dead', 'rough', 'several']), title: Text, count: z.number().int() }),
  ),
});

/** How far rows come along the chains of links: no row is lost between two hops. */
export const LinkChains = z
  .object({
    chains: z.array(
      z.object({
        id: z.string(),
        title: Text,
        /** The layer whose rows are followed. */
        layer: z.string(),
        /** Live loads this was counted over, in the order of the chain. */
        loads: z.array(z.object({ layer: z.string(), load: z.number().int() })),
        /** Layers of the chain that are not loaded: then nothing is counted. */
        missing: z.array(z.string()),
        counts: z
          .object({
            rows: z.number().int(),
            /** Rows that come to the end of the chain. */
            matched: z.number().int(),
            rate: z.number().nullable(),
            /** Rows of the first layer without a place. */
            unlocated: z.number().int(),
            /** Rows that come to the end, and lie in another micro-grid than that. */
            elsewhere: z.number().int(),
            hops: z.array(ChainHop),
          })
          .nullable(),
      }),
    ),
  })
  .openapi('LinkChains');

export type Quality = z.infer<typeof Quality>;

export type LinkChains = z.infer<typeof LinkChains>;
