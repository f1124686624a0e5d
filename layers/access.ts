import type { Layer } from './define.ts';

export { maskValue } from './mask.ts';

/** Who asks: anybody, or somebody signed in to the government network. */
export type Role = 'public' | 'staff';

export const ROLES: readonly Role[] = ['public', 'staff'];

/** True when the role may know that the layer exists. What it may not see answers like what does not exist. */
export function canSee(role: Role, layer: Pick<Layer, 'sensitivity'>): boolean {
  return role === 'staff' || layer.sensitivity === 'public';
}

/**
 * Names of the fields whose values are sent masked (`maskValue`). Staff get them masked too: seeing the plain value is
 * a right of its own, tied to a purpose, and no role has it by being itself.
 */
export function maskedFields(layer: Pick<Layer, 'fields'>, _role: Role): string[] {
  return Object.entries(layer.fields)
    .filter(([, field]) => field.mask !== undefined)
    .map(([name]) => name);
}

/** Smallest count that may be shown: smaller ones are withheld. 1 means nothing is withheld. */
export function kAnonymity(role: Role, layer: Pick<Layer, 'sensitivity'>): number {
  if (layer.sensitivity !== 'personal') return 1;
  return role === 'staff' ? 5 : 10;
}
