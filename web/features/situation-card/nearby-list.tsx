import { useTranslation } from 'react-i18next';
import type { NearbyItem } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { length, number } from '../../time.ts';
import { GeometryIcon } from '../../ui/geometry-icon.tsx';
import type { Language } from '../../url-state.ts';
import { factText } from './fact-text.ts';

/** A place somebody wants to see on the map. */
export interface Spot {
  at: readonly [number, number];
  name: string;
}

export interface NearbyListProps {
  items: readonly NearbyItem[];
  lang: Language;
  onSpot: (spot: Spot) => void;
  /** Times of the rows are told, and totals are not. */
  isWeather?: boolean;
}

/** Layers with how many of their rows lie inside and the nearest ones, each of which leads to the map. */
export function NearbyList({ items, lang, onSpot, isWeather = false }: NearbyListProps) {
  const { t } = useTranslation();
  return (
    <ul className="om-situation-nearby">
      {items.map((item) => {
        const title = pick(item.title, lang);
        const inside =
          item.metresInside === null
            ? number(item.total, lang)
            : item.total === 0
              ? number(0, lang)
              : t('card.crossing', { length: length(item.metresInside, lang) });
        return (
          <li key={item.layer} data-layer={item.layer}>
            <p>
              <GeometryIcon
                layer={{ geometry: item.metresInside === null ? 'point' : 'line', icon: item.icon }}
                label=""
              />
              <span>{title}</span>
              {!isWeather && (
                <b data-empty={item.total === 0 ? '' : undefined}>
                  {inside}
                  <span className="om-hidden"> {t('card.inside')}</span>
                </b>
              )}
            </p>
            {isWeather && item.layer === 'weather_warning' && item.rows.length === 0 && (
              <p className="om-dim">{t('card.noWarning')}</p>
            )}
            {item.rows.map((row) => {
              const name = row.name ?? title;
              const facts = row.facts.map((fact) => factText(fact, t, lang)).filter((text) => text !== null);
              return (
                <button
                  key={row.fid}
                  type="button"
                  className="om-situation-row"
                  aria-label={t('card.onMap', { name })}
                  aria-describedby={`card-${item.layer}-${row.fid}`}
                  onClick={() => onSpot({ at: row.at, name })}
                >
                  <span>
                    {name}
                    <small id={`card-${item.layer}-${row.fid}`}>{facts.join(' · ')}</small>
                  </span>
                  {row.metres > 1 && <b>{length(row.metres, lang)}</b>}
                </button>
              );
            })}
          </li>
        );
      })}
    </ul>
  );
}
