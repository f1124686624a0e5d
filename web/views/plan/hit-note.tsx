import { useTranslation } from 'react-i18next';
import { pick } from '../../i18n/i18n.ts';
import { number, pictureTitle } from '../../time.ts';
import type { Language } from '../../url-state.ts';
import type { Counted } from './use-counted.ts';
import type { useRasterProbe } from './use-raster-probe.ts';

/** A hexagon that was clicked; of too few people no count. */
export interface HexagonHit {
  cell: string;
  count: number | null;
}

export interface HitNoteProps extends Pick<ReturnType<typeof useRasterProbe>, 'measured' | 'probe' | 'probed'> {
  hexagon: HexagonHit | null;
  hexCounts: Counted['hexCounts'];
  hexagonPlace: (cell: string) => string;
  lang: Language;
}

/** What lies under the last click and has no panel of its own: the count of a hexagon, or the value of a raster. */
export function HitNote({ hexagon, hexCounts, hexagonPlace, measured, probe, probed, lang }: HitNoteProps) {
  const { t } = useTranslation();
  if (hexagon !== null) {
    return (
      <p className="om-hit" role="status" data-testid="hexagon-hit">
        <span title={hexagon.cell}>{hexagonPlace(hexagon.cell)}</span>{' '}
        <b>
          {hexagon.count === null
            ? t('state.withheld', { k: hexCounts.data?.suppressed.k ?? 0 })
            : number(hexagon.count, lang)}
        </b>
      </p>
    );
  }
  if (!measured || !probe || !probed.data) return null;
  const { time, value, unit } = probed.data;
  return (
    <p className="om-hit" role="status" data-testid="raster-value">
      {pick(measured.title, lang)}
      {time !== null && ` · ${pictureTitle(time, lang)}`}{' '}
      <b>{value === null ? t('raster.none') : `${number(value, lang)}${unit ? ` ${unit}` : ''}`}</b>
    </p>
  );
}
