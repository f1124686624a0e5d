import type { Context } from './context.ts';

/** What several layers are made from is made once per district, so that they agree and nothing is drawn twice. */
export function oncePerDistrict<T>(make: (context: Context) => T): (context: Context) => T {
  const made = new WeakMap<Context, { value: T }>();
  return (context) => {
    let entry = made.get(context);
    if (!entry) {
      entry = { value: make(context) };
      made.set(context, entry);
    }
    return entry.value;
  };
}
