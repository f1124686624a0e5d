import type { z } from '@hono/zod-openapi';
import type { CatalogueEntry } from '../catalogue.ts';
import type { MadeOf as Contract } from '../contract/counts.ts';
import type { MadeOf } from './made-of.ts';

/** What a result was made of, as far as the caller may know: layers that he may not see are left out. */
export function shownMadeOf(
  madeOf: MadeOf | null,
  entries: readonly CatalogueEntry[],
): z.infer<typeof Contract> | null {
  if (madeOf === null) return null;
  const titles = new Map(entries.map(({ layer }) => [layer.id, layer.title]));
  const inputs = madeOf.inputs.flatMap((input) => {
    if (input.layer === undefined) return [input];
    const title = titles.get(input.layer);
    return title === undefined ? [] : [{ ...input, title }];
  });
  return { ...madeOf, inputs };
}
