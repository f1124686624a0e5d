import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { useDiff } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import { DIFF_KINDS, DIFF_STYLE } from '../../map/diff-style.ts';
import { number } from '../../time.ts';
import type { Language, UrlState } from '../../url-state.ts';

export interface TimeNoteProps {
  state: Pick<UrlState, 'asOf' | 'diff'>;
  catalogue: readonly LayerSummary[];
  lang: Language;
  zoom: number;
  onChange: (patch: Partial<UrlState>) => void;
}

/** On the map: that it shows an earlier day, or what changed since an earlier load, with the way out of it. */
export function TimeNote({ state, catalogue, lang, zoom, onChange }: TimeNoteProps) {
  const { t } = useTranslation();
  const { asOf, diff } = state;
  const layer = catalogue.find(({ id }) => id === diff?.layer);
  const { data } = useDiff(diff?.layer ?? null, diff?.from ?? null);
  return (
    <>
      {asOf !== null && (
        <p className="om-filter-chips" role="status" data-testid="as-of-note">
          <strong>{t('time.note', { day: asOf })}</strong>
          <button type="button" className="om-link" onClick={() => onChange({ asOf: null })}>
            {t('time.now')}
          </button>
        </p>
      )}
      {diff !== null && data !== undefined && data.layer === diff.layer && (
        <div className="om-filter-chips" data-testid="diff-note">
          <strong>
            {pick(layer?.title, lang) || diff.layer} #{data.from.load} → #{data.to.load}
          </strong>
          {DIFF_KINDS.map((kind) => (
            <span key={kind}>
              <i className="om-diff-mark" style={{ background: DIFF_STYLE[kind].color }} aria-hidden>
                {DIFF_STYLE[kind].sign}
              </i>
              {t(`time.kind.${kind}`)} {number(data[kind], lang)}
            </span>
          ))}
          {layer !== undefined && zoom < layer.minzoom && (
            <span className="om-tone-warn">{t('time.note.zoom', { zoom: layer.minzoom })}</span>
          )}
          <button type="button" className="om-link" onClick={() => onChange({ diff: null })}>
            {t('time.note.close')}
          </button>
        </div>
      )}
    </>
  );
}
