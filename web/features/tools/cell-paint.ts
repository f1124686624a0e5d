/** What a tool found cell by cell, as colours and a legend. Pure. Severity has red, orange, yellow and blue to itself. */
import type { CorrelationAnswer, CoverageAnswer, HotspotAnswer } from '../../../server/app.ts';
import type { TextKey } from '../../i18n/zh.ts';
import { fitLine } from '../../fit-line.ts';
import { light } from '../../theme.ts';

export interface PaintClass {
  color: string;
  label: TextKey;
  count: number;
}

export interface CellPaint {
  by: 'grid' | 'community';
  /** Code → colour; other cells take no part. */
  colors: ReadonlyMap<string, string>;
  classes: readonly PaintClass[];
}

const [, hot90 = '', , hot95 = '', hot99 = ''] = light.count;
const [, cold90 = '', cold95 = '', , cold99 = ''] = light.load;
const NEITHER = '#e4e2dd';

function paint(
  by: CellPaint['by'],
  codes: readonly string[],
  kinds: readonly { color: string; label: TextKey }[],
  kindOf: (index: number) => number,
): CellPaint {
  const counts = kinds.map(() => 0);
  const colors = new Map<string, string>();
  codes.forEach((code, index) => {
    const kind = kindOf(index);
    counts[kind] = (counts[kind] ?? 0) + 1;
    colors.set(code, kinds[kind]?.color ?? NEITHER);
  });
  return { by, colors, classes: kinds.map((kind, index) => ({ ...kind, count: counts[index] ?? 0 })) };
}

const GI = [
  { id: 'hot99', color: hot99, label: 'tools.class.hot99' },
  { id: 'hot95', color: hot95, label: 'tools.class.hot95' },
  { id: 'hot90', color: hot90, label: 'tools.class.hot90' },
  { id: 'none', color: NEITHER, label: 'tools.class.none' },
  { id: 'cold90', color: cold90, label: 'tools.class.cold90' },
  { id: 'cold95', color: cold95, label: 'tools.class.cold95' },
  { id: 'cold99', color: cold99, label: 'tools.class.cold99' },
] as const;

const MORAN = [
  { id: 'HH', color: hot99, label: 'tools.class.HH' },
  { id: 'HL', color: hot90, label: 'tools.class.HL' },
  { id: 'none', color: NEITHER, label: 'tools.class.none' },
  { id: 'LH', color: cold90, label: 'tools.class.LH' },
  { id: 'LL', color: cold99, label: 'tools.class.LL' },
] as const;

export function hotspotPaint({ by, method, codes, classes }: HotspotAnswer): CellPaint {
  const kinds: readonly { id: string; color: string; label: TextKey }[] = method === 'gi' ? GI : MORAN;
  const none = kinds.findIndex(({ id }) => id === 'none');
  const at = new Map(kinds.map(({ id }, index) => [id, index]));
  return paint(by, codes, kinds, (index) => at.get(classes[index] ?? 'none') ?? none);
}

const SHARES = [
  { from: 1, color: light.load[4] ?? '', label: 'tools.class.share100' },
  { from: 0.75, color: light.load[3] ?? '', label: 'tools.class.share75' },
  { from: 0.5, color: light.load[2] ?? '', label: 'tools.class.share50' },
  { from: 0.25, color: light.load[1] ?? '', label: 'tools.class.share25' },
  { from: Number.MIN_VALUE, color: light.load[0] ?? '', label: 'tools.class.share0' },
  { from: -Infinity, color: light.count[2] ?? '', label: 'tools.class.shareNone' },
] as const;

/** Shares beyond this are whole: lengths are sums of decimals. */
const WHOLE = 0.9995;

export function coveragePaint({ codes, shares }: CoverageAnswer): CellPaint {
  return paint('grid', codes, SHARES, (index) => {
    const share = shares[index] ?? 0;
    return SHARES.findIndex(({ from }) => (share >= WHOLE ? 1 : share) >= from);
  });
}

const RESIDUALS = [
  { from: 2, color: hot99, label: 'tools.class.above2' },
  { from: 1, color: hot95, label: 'tools.class.above1' },
  { from: -1, color: NEITHER, label: 'tools.class.asExpected' },
  { from: -2, color: cold95, label: 'tools.class.below1' },
  { from: -Infinity, color: cold99, label: 'tools.class.below2' },
] as const;

export function correlationPaint({ by, codes, a, b }: CorrelationAnswer): CellPaint {
  const { residuals } = fitLine(a, b);
  return paint(by, codes, RESIDUALS, (index) => RESIDUALS.findIndex(({ from }) => (residuals[index] ?? 0) >= from));
}
