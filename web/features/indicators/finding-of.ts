import type { Definition, Group } from './figure-text.ts';

/** Of a score, the share of its weights of which something must be known before it is compared. */
const ENOUGH_WEIGHT = 0.5;
/** Differences below this are none: half a per mille of a share, of other figures half of what is shown. */
const NOTICED = { share: 0.0005, score: 0.05, minutes: 0.5, count: 0.5 } as const;

/** What a table of figures says in a sentence. */
export interface Finding {
  /** The whole district, and its change since the period before; null where nothing can be said. */
  value: number | null;
  change: number | null;
  /** Whether that is for the better; null where it is neither, or nothing changed. */
  isBetter: boolean | null;
  /** The group furthest behind the district (of what is neither good nor bad, the one with the most). */
  last: { group: Group; value: number; gap: number; lost: { id: string; points: number } | null } | null;
  /** The group that came on most since the period before. */
  improved: { group: Group; change: number } | null;
}

/** How much of a score's weight rests on figures of which something is known, 0 … 1; 1 for what is no score. */
export function knownWeight({ parts }: Definition, group: Group): number {
  if (parts === null) return 1;
  const sum = (of: typeof parts) => of.reduce((total, { weight }) => total + weight, 0);
  const known = parts.filter(({ id }) => (group.values[id]?.value ?? null) !== null);
  return sum(parts) === 0 ? 0 : sum(known) / sum(parts);
}

/** Whether a figure rests on enough to be compared with others. */
export function isComparable(definition: Definition, group: Group): boolean {
  return (group.values[definition.id]?.value ?? null) !== null && knownWeight(definition, group) >= ENOUGH_WEIGHT;
}

/** Points of a score that a group loses against the district, by the part that loses most. */
function mostLost(definition: Definition, group: Group, district: Group): { id: string; points: number } | null {
  const losses = (definition.parts ?? []).flatMap(({ id, weight, rest }) => {
    const [own, whole] = [group.values[id]?.value ?? null, district.values[id]?.value ?? null];
    if (own === null || whole === null) return [];
    return [{ id, points: weight * (rest ? own - whole : whole - own) }];
  });
  const most = losses.toSorted((a, b) => b.points - a.points)[0];
  return most !== undefined && most.points >= NOTICED.score ? most : null;
}

/** What stands out in one column: how the district stands, who is furthest behind it and why, who came on. Pure. */
export function findingOf(definition: Definition, groups: readonly Group[], district: Group | undefined): Finding {
  const { id, better, unit } = definition;
  const noticed = NOTICED[unit];
  const now = district?.values[id];
  const value = now?.value ?? null;
  const changed = value === null || (now?.previous ?? null) === null ? null : value - (now?.previous ?? 0);
  const change = changed !== null && Math.abs(changed) < noticed ? 0 : changed;
  const finding: Finding = {
    value,
    change,
    isBetter: better === null || change === null || change === 0 ? null : change > 0 === (better === 'more'),
    last: null,
    improved: null,
  };
  if (value === null || district === undefined) return finding;
  // Behind: below the district where more is better, otherwise above it.
  const behind = (amount: number) => (better === 'more' ? value - amount : amount - value);
  const named = groups.filter((group) => group.key !== null && isComparable(definition, group));
  const amountOf = (group: Group) => group.values[id]?.value ?? 0;
  const last = named.toSorted((a, b) => behind(amountOf(b)) - behind(amountOf(a)))[0];
  if (last && named.length > 1 && (unit === 'count' || behind(amountOf(last)) >= noticed)) {
    const gap = behind(amountOf(last));
    finding.last = { group: last, value: amountOf(last), gap, lost: mostLost(definition, last, district) };
  }
  if (better === null) return finding;
  const came = named.flatMap((group) => {
    const previous = group.values[id]?.previous ?? null;
    return previous === null ? [] : [{ group, change: (amountOf(group) - previous) * (better === 'more' ? 1 : -1) }];
  });
  const most = came.toSorted((a, b) => b.change - a.change)[0];
  if (most && most.change >= noticed && most.group !== finding.last?.group) finding.improved = most;
  return finding;
}
