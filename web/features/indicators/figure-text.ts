import type { TFunction } from 'i18next';
import type { Indicators } from '../../../server/app.ts';
import { number, percent } from '../../time.ts';
import type { Language } from '../../url-state.ts';

export type Group = Indicators['groups'][number];
export type Definition = Indicators['indicators'][number];

/** A figure as people read it, with its unit; a dash where nothing can be said. */
export function figureText(
  t: TFunction,
  { unit }: Pick<Definition, 'unit'>,
  amount: number | null | undefined,
  lang: Language,
) {
  if (amount === null || amount === undefined) return '–';
  if (unit === 'share') return percent(amount, lang);
  if (unit !== 'minutes') return number(amount, lang, unit === 'score' ? 1 : 0);
  return amount < 120
    ? t('indicators.minutes', { n: number(amount, lang) })
    : t('indicators.hours', { n: number(amount / 60, lang, 1) });
}

/** How far two figures are apart, without a sign: shares in percentage points. */
export function gapText(t: TFunction, definition: Pick<Definition, 'unit'>, gap: number, lang: Language): string {
  const size = Math.abs(gap);
  if (definition.unit === 'share') return t('indicators.points', { n: number(100 * size, lang, 1) });
  if (definition.unit === 'score') return t('indicators.scorePoints', { n: number(size, lang, 1) });
  return figureText(t, definition, size, lang);
}
