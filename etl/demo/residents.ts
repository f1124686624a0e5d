import type { Context } from './context.ts';

const known = new WeakMap<Context, Int32Array>();

/** People by index of `district.blocks`, counted from the generated households. Counted once for a district. */
export function residentsByBlock(context: Context): Int32Array {
  let counts = known.get(context);
  if (!counts) {
    counts = new Int32Array(context.district.blocks.length);
    for (const { building, household } of context.dwellings()) {
      if (household) counts[building.block] = (counts[building.block] as number) + household.persons.length;
    }
    known.set(context, counts);
  }
  return counts;
}
