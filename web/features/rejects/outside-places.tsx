import { useTranslation } from 'react-i18next';
import type { RejectPlaces } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { number } from '../../time.ts';
import { familyOf, RejectMark } from '../../ui/reject-mark.tsx';
import type { Language } from '../../url-state.ts';

const MOST_LISTED = 50;

/** Numbers of the places that lie outside the district, in the order of the answer. */
export function outsidePlaces({ extent, lons, lats }: Pick<RejectPlaces, 'extent' | 'lons' | 'lats'>): number[] {
  if (extent === null) return [];
  const [west, south, east, north] = extent;
  return lons.flatMap((lon, index) => {
    const lat = lats[index] as number;
    return lon < west || lat < south || lon > east || lat > north ? [index] : [];
  });
}

export interface OutsidePlacesProps {
  places: RejectPlaces;
  lang: Language;
  /** The row at this position of the answer. */
  onSelect: (index: number) => void;
  /** All of them at once. */
  onShowAll: (bounds: [number, number, number, number]) => void;
}

/** Rows that lie where the map does not show them at first: how many, which, and the way there. */
export function OutsidePlaces({ places, lang, onSelect, onShowAll }: OutsidePlacesProps) {
  const { t } = useTranslation();
  if (places.outside === 0) return null;
  const far = outsidePlaces(places);
  const all = (of: readonly number[]) => far.map((index) => of[index] as number);
  const [lons, lats] = [all(places.lons), all(places.lats)];
  return (
    <details className="om-outside" data-testid="outside-places">
      <summary>{t('data.outside', { count: places.outside, shown: number(places.outside, lang) })}</summary>
      <button
        type="button"
        className="om-link"
        onClick={() => onShowAll([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)])}
      >
        {t('data.outsideAll')}
      </button>
      <ul>
        {far.slice(0, MOST_LISTED).map((index) => {
          const code = places.codes[index] as string;
          const [lon, lat] = [places.lons[index] as number, places.lats[index] as number];
          return (
            <li key={places.ids[index]}>
              <button type="button" className="om-link" onClick={() => onSelect(index)}>
                <RejectMark family={familyOf(code)} /> {pick(places.titles[code], lang) || code}{' '}
                <span className="om-dim">
                  {lon.toFixed(4)}, {lat.toFixed(4)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {places.outside > MOST_LISTED && (
        <p className="om-dim om-small">{t('data.outsideMore', { count: places.outside - MOST_LISTED })}</p>
      )}
    </details>
  );
}
