import type { Enterprise } from './enterprises.ts';
import { TODAY } from './moment.ts';
import { hashText } from './random.ts';

/**
 * A number in [0, 1) that belongs to a firm and a purpose. Files about the same firm are written apart from each other
 * and still agree, without any firm being kept.
 */
export function firmShare(uscc: string, purpose: string): number {
  return hashText(`${purpose}${uscc}`) / 4_294_967_296;
}

export interface FirmSize {
  /** A year's revenue, output or turnover, 10 000 yuan. */
  revenue10k: number;
  employees: number;
  /** A year's taxes, 10 000 yuan; 0 for firms that do not trade. */
  tax10k: number;
}

/** Revenue of a middling firm of the section, relative, and revenue per head in 10 000 yuan. */
const SECTIONS: Record<string, readonly [level: number, perHead: number]> = {
  C: [1.5, 38],
  D: [2, 90],
  E: [1.1, 42],
  F: [1, 75],
  G: [0.9, 40],
  H: [0.45, 16],
  I: [0.7, 34],
  J: [1.2, 80],
  K: [1, 60],
  L: [0.5, 30],
  M: [0.6, 30],
  O: [0.3, 15],
};
const OTHERS = [0.4, 22] as const;

/** How large a firm is: capital, age and luck. */
export function firmSize(firm: Enterprise): FirmSize {
  if (!isTrading(firm)) return { revenue10k: 0, employees: 0, tax10k: 0 };
  const [level, perHead] = SECTIONS[firm.section] ?? OTHERS;
  const years = 2026 - Number(firm.establishedOn.slice(0, 4));
  const u = firmShare(firm.uscc, 'u');
  const v = firmShare(firm.uscc, 'v');
  const luck = Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
  const revenue = 0.54 * level * firm.capital10k ** 0.75 * (1 + Math.min(20, years) * 0.06) * Math.exp(0.9 * luck);
  const revenue10k = Math.round(Math.max(1, revenue) * 10) / 10;
  return {
    revenue10k,
    employees: Math.min(9000, 1 + Math.round(revenue10k / (perHead * (0.7 + 0.6 * u)))),
    tax10k: Math.round(revenue10k * (0.02 + 0.04 * v) * 100) / 100,
  };
}

export function isTrading(firm: Enterprise): boolean {
  return firm.status === 'active';
}

/** Revenue from which a firm counts as 规模以上, 10 000 yuan. */
const ABOVE_SCALE = 2000;
const COUNTED = new Set(['C', 'E', 'F', 'G', 'H', 'I', 'K', 'L', 'M']);

export function isAboveScale(firm: Enterprise, size: FirmSize): boolean {
  return COUNTED.has(firm.section) && size.revenue10k >= ABOVE_SCALE;
}

export interface Abnormality {
  reason: string;
  /** Days since 1970. */
  listedDay: number;
  /** Null while the firm is still on the list. */
  removedDay: number | null;
}

const CHANCE: Record<Enterprise['status'], number> = {
  active: 0.067,
  suspended: 0.38,
  revoked: 0.46,
  cancelled: 0.05,
  moved_out: 0.06,
};

/** Whether a firm is or was on the list of abnormal operations. Revoked firms rarely get off it. */
export function abnormalityOf(firm: Enterprise): Abnormality | null {
  const draw = firmShare(firm.uscc, 'abnormal') / CHANCE[firm.status];
  if (draw >= 1) return null;
  const born = Math.round(Date.parse(firm.establishedOn) / 86_400_000);
  const span = TODAY - born - 200;
  if (span < 60) return null;
  const listedDay = TODAY - 20 - Math.floor(Math.min(span - 30, 2400) * firmShare(firm.uscc, 'listed'));
  const stays = firmShare(firm.uscc, 'removed');
  const removed = listedDay + 20 + Math.floor(500 * stays);
  const isGone = firm.status !== 'revoked' && stays < 0.55 && removed < TODAY;
  return {
    reason: draw < 0.48 ? 'no_report' : draw < 0.9 ? 'lost' : draw < 0.96 ? 'false_info' : 'no_disclosure',
    listedDay,
    removedDay: isGone ? removed : null,
  };
}

/** Share of firms with a penalty in three years, by section. */
const OFFENDERS: Record<string, number> = { H: 0.16, F: 0.072, C: 0.066, O: 0.06, Q: 0.09 };

export function hasPenalty(firm: Enterprise): boolean {
  return firmShare(firm.uscc, 'penalty') < (OFFENDERS[firm.section] ?? 0.034);
}

export interface Credit {
  score: number;
  grade: 'A' | 'B' | 'C' | 'D';
}

/** The credit score, of 1000: penalties and the list of abnormal operations cost points, and cap it while they last. */
export function creditOf(firm: Enterprise): Credit {
  const abnormality = abnormalityOf(firm);
  const luck = (firmShare(firm.uscc, 'credit a') + firmShare(firm.uscc, 'credit b') - 1) * 210;
  let score = 800 + luck + Math.min(12, 2026 - Number(firm.establishedOn.slice(0, 4))) * 4;
  if (hasPenalty(firm)) score -= 110;
  if (abnormality) score -= abnormality.removedDay === null ? 250 : 50;
  if (abnormality && abnormality.removedDay === null) score = Math.min(score, 649);
  if (firm.status === 'revoked') score = Math.min(score, 480);
  score = Math.round(Math.max(120, Math.min(998, score)));
  return { score, grade: score >= 840 ? 'A' : score >= 700 ? 'B' : score >= 540 ? 'C' : 'D' };
}
