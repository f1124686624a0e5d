import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { freshnessOf, type Vehicle } from '../../map/moving-track.ts';
import { number } from '../../time.ts';
import type { Language } from '../../url-state.ts';

export interface MovingNoteProps {
  shown: readonly LayerSummary[];
  vehicles: readonly Vehicle[];
  every: ReadonlyMap<string, number>;
  now: number;
  hasFailed: boolean;
  /** Id of the vehicle that was clicked. */
  selected: string | null;
  lang: Language;
}

/** What moves, in words: how many of each kind, how many of them are late, and the one that was clicked. */
export function MovingNote({ shown, vehicles, every, now, hasFailed, selected, lang }: MovingNoteProps) {
  const { t } = useTranslation();
  if (shown.length === 0) return null;
  const one = vehicles.find(({ id }) => id === selected);
  return (
    <div className="om-moving" role="status" data-testid="moving">
      <ul>
        {shown.map((layer) => {
          const own = vehicles.filter(({ kind }) => kind === layer.id);
          const late = own.filter((vehicle) => freshnessOf(vehicle, now, every.get(layer.id) ?? 10) === 'late').length;
          return (
            <li key={layer.id} data-kind={layer.id}>
              {pick(layer.title, lang)}{' '}
              <b>{own.length === 0 ? t('moving.none') : t('moving.count', { count: own.length })}</b>
              {late > 0 && <span className="om-dim"> ○ {t('moving.late', { count: late })}</span>}
            </li>
          );
        })}
      </ul>
      {one && (
        <p data-testid="moving-selected">
          <b>{one.label}</b> {one.speed !== null && `${number(one.speed, lang)} km/h · `}
          {t('moving.age', { count: Math.max(0, Math.round((now - one.at) / 1000)) })}
        </p>
      )}
      {hasFailed && <p role="alert">{t('state.unreachable')}</p>}
    </div>
  );
}
