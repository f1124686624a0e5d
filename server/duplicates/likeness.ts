import { kindOf } from './kinds.ts';
import { compareWording } from './wording.ts';

/** What is compared of a report. */
export interface Report {
  id: number;
  category: string;
  title: string;
  /** EPSG:4326 degrees. */
  lon: number;
  lat: number;
  /** ms since 1970. */
  occurredAt: number;
}

/** A report of a group, and the oldest of the group, which stands for it. */
export interface GroupedReport extends Report {
  root: number;
}

/** How alike a report and a group are, with what it rests on. */
export interface Match {
  /** The incident that stands for the group. */
  root: number;
  /** 0 … 1; from {@link SURE} on they count as one. */
  score: number;
  /** From the middle of the group. */
  metres: number;
  /** From the nearest report in time. */
  minutes: number;
  sameCategory: boolean;
  /** Share of the wording in common with the most alike report, 0 … 1. */
  wording: number;
}

/** Log-odds of each sign, tuned on the labelled set of `tests/support/labelled-reports.ts`, seeds 1 to 8. */
const WEIGHT = {
  base: -2.2,
  nearKind: -0.2,
  /** At the same spot; nothing is left of it at the edge of the reach. */
  nearness: 6,
  /** At the same moment; nothing is left of it at the end of the window. */
  soonness: 0.65,
  wording: 1.15,
  sameNumber: 1.85,
  otherNumber: -8,
  otherPlace: -1.25,
} as const;

/** Reports at least so alike are linked by the machine. */
export const SURE = 0.6;

const METRES_PER_DEGREE = 111_195;
const HOUR = 3_600_000;

type Spot = Pick<Report, 'lon' | 'lat'>;

/** Metres between two places. Plain: right to a centimetre over the few hundred metres that matter here. */
export function metresBetween(a: Spot, b: Spot): number {
  const east = (a.lon - b.lon) * Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180);
  return Math.hypot(east, a.lat - b.lat) * METRES_PER_DEGREE;
}

function middle(spots: readonly Spot[]): Spot {
  const sum = (pick: (spot: Spot) => number) => spots.reduce((total, spot) => total + pick(spot), 0) / spots.length;
  return { lon: sum(({ lon }) => lon), lat: sum(({ lat }) => lat) };
}

/** The strongest of some signs that are each for, against or silent: one voice for is worth more than several against. */
function verdict(signs: readonly (-1 | 0 | 1)[]): -1 | 0 | 1 {
  return signs.includes(1) ? 1 : signs.includes(-1) ? -1 : 0;
}

/** Compares a report with a group; undefined where they cannot be one: other kinds, too far, too long ago. */
export function compareWithGroup(report: Report, group: readonly Report[]): Omit<Match, 'root'> | undefined {
  const kind = kindOf(report.category);
  const members = group.filter(({ category }) => kind.codes.includes(category));
  if (members.length === 0) return undefined;
  const metres = metresBetween(report, middle(members));
  // The middle of many is known better than the place of one: what counts as near shrinks with their number.
  const distance = metres * Math.sqrt(2 / (1 + 1 / members.length));
  const ms = Math.min(...members.map(({ occurredAt }) => Math.abs(occurredAt - report.occurredAt)));
  if (distance > kind.metres || ms > kind.hours * HOUR) return undefined;
  const sameCategory = members.some(({ category }) => category === report.category);
  const words = members.map(({ title }) => compareWording(report.title, title));
  const wording = Math.max(...words.map(({ common }) => common));
  const number = verdict(words.map((word) => word.number));
  const place = verdict(words.map((word) => word.place));
  const odds =
    WEIGHT.base +
    (sameCategory ? 0 : WEIGHT.nearKind) +
    WEIGHT.nearness * (1 - (distance / kind.metres) ** 2) +
    WEIGHT.soonness * (1 - ms / (kind.hours * HOUR)) +
    WEIGHT.wording * wording +
    (number > 0 ? WEIGHT.sameNumber : number < 0 ? WEIGHT.otherNumber : 0) +
    (place < 0 ? WEIGHT.otherPlace : 0);
  return { score: 1 / (1 + Math.exp(-odds)), metres, minutes: ms / 60_000, sameCategory, wording };
}

/** The groups a report may belong to, the likeliest first; of equals the oldest. */
export function matchGroups(report: Report, others: readonly GroupedReport[]): Match[] {
  const groups = new Map<number, GroupedReport[]>();
  for (const other of others) {
    const group = groups.get(other.root);
    if (group) group.push(other);
    else groups.set(other.root, [other]);
  }
  const matches: Match[] = [];
  for (const [root, group] of groups) {
    const comparison = compareWithGroup(report, group);
    if (comparison) matches.push({ root, ...comparison });
  }
  return matches.toSorted((a, b) => b.score - a.score || a.root - b.root);
}
