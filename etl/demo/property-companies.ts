import type { Context } from './context.ts';
import type { Enterprise } from './enterprises.ts';

const MOST = 410;
const known = new WeakMap<Context, Enterprise[]>();

/** Active firms of the property trade, of whom the housing bureau keeps a list: at most as many as at full scale. */
export function propertyCompaniesOf(context: Context): Enterprise[] {
  const found = known.get(context);
  if (found) return found;
  const active = [...context.enterprises()].filter(
    ({ industryCode, status }) => industryCode === 'K7020' && status === 'active',
  );
  const count = Math.min(MOST, active.length);
  const made = Array.from({ length: count }, (_, i) => active[Math.floor((i * active.length) / count)] as Enterprise);
  known.set(context, made);
  return made;
}
