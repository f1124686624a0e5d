import { useTranslation } from 'react-i18next';
import type { DiffSummary } from '../../../server/app.ts';
import { useDiffFeatures, useFeature, useLayerDetail, type DiffFeature } from '../../api/layers.ts';
import { fieldText } from '../../field-text.ts';
import { pick } from '../../i18n/i18n.ts';
import { geometryBounds } from '../../map/area-center.ts';
import { DIFF_STYLE } from '../../map/diff-style.ts';
import { length } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';

export interface ChangedRowsProps {
  diff: DiffSummary;
  lang: Language;
  /** Shows where a row lies, or lay. */
  onShow: (fid: number, bounds: [number, number, number, number]) => void;
}

/** The rows that differ: what each is called, what became of it, and the way to it on the map. */
export function ChangedRows({ diff, lang, onShow }: ChangedRowsProps) {
  const { t } = useTranslation();
  const rows = useDiffFeatures(diff.layer, diff.from.load, diff.to.load);
  return (
    <section className="om-changed" aria-label={t('time.rows')}>
      <h3>{t('time.rows')}</h3>
      <Answer query={rows} isEmpty={({ pages }) => pages[0]?.features.length === 0}>
        {({ pages }) => (
          <>
            <ol className="om-changed-rows" data-testid="diff-rows">
              {pages
                .flatMap(({ features }) => features)
                .map((row) => (
                  <li key={row.id}>
                    <ChangedRow layer={diff.layer} {...{ row, lang, onShow }} />
                  </li>
                ))}
            </ol>
            {rows.hasNextPage && (
              <button
                type="button"
                className="om-button om-more"
                disabled={rows.isFetchingNextPage}
                onClick={() => void rows.fetchNextPage()}
              >
                {t('data.more')}
              </button>
            )}
          </>
        )}
      </Answer>
    </section>
  );
}

function ChangedRow({
  layer,
  row,
  lang,
  onShow,
}: Omit<ChangedRowsProps, 'diff'> & { layer: string; row: DiffFeature }) {
  const { t } = useTranslation();
  const detail = useLayerDetail(layer);
  const { kind, before, after, changed, movedMetres, geometryBefore } = row.properties;
  const { label = null, key = null, fields = [] } = detail.data ?? {};
  // Of rows that stayed the answer has only what changed: what they are called is asked for.
  const hasName = [before, after].some((values) => values !== null && label !== null && label in values);
  const whole = useFeature(hasName || kind === 'removed' ? null : layer, String(row.id));
  const name = [label, key]
    .flatMap((field) => (field === null ? [] : [whole.data?.properties[field], after?.[field], before?.[field]]))
    .find((value) => value !== null && value !== undefined && value !== '');
  const bounds = [row.geometry, geometryBefore].flatMap((shape) => (shape === null ? [] : [geometryBounds(shape)]))[0];
  const text = String(name ?? row.id);
  const values = (of: Record<string, unknown> | null, field: string) => {
    const known = fields.find((each) => each.name === field);
    return known === undefined ? String(of?.[field] ?? '') : fieldText(known, of?.[field], lang);
  };
  return (
    <>
      <i className="om-diff-mark" style={{ background: DIFF_STYLE[kind].color }} aria-hidden>
        {DIFF_STYLE[kind].sign}
      </i>
      <span className="om-hidden">{t(`time.kind.${kind}`)} </span>
      {bounds ? (
        <button type="button" className="om-link" onClick={() => onShow(row.id, bounds)}>
          {text}
        </button>
      ) : (
        text
      )}
      {movedMetres !== null && movedMetres > 0 && <small className="om-dim"> {length(movedMetres, lang)}</small>}
      {changed.map((field) => (
        <small key={field} className="om-dim om-block">
          {pick(fields.find((each) => each.name === field)?.title, lang) || field}: {values(before, field) || '–'} →{' '}
          {values(after, field) || '–'}
        </small>
      ))}
    </>
  );
}
