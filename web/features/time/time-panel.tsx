import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DiffSummary, LayerSummary, VersionList } from '../../../server/app.ts';
import { useDiff, useLayerDetail, useVersions } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import { DIFF_KINDS, DIFF_STYLE } from '../../map/diff-style.ts';
import { dateTime, number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language, UrlState } from '../../url-state.ts';
import { ChangedRows, type ChangedRowsProps } from './changed-rows.tsx';
import { DayInput } from './day-input.tsx';

export interface TimePanelProps {
  state: Pick<UrlState, 'asOf' | 'diff' | 'layers'>;
  catalogue: readonly LayerSummary[];
  lang: Language;
  /** The last day that can be chosen, `YYYY-MM-DD`. */
  today: string;
  onChange: (patch: Partial<UrlState>) => void;
  /** Shows a row that differs. */
  onShow: ChangedRowsProps['onShow'];
}

/** The map as of an earlier day, and what changed in a layer since an earlier load. */
export function TimePanel({ state, catalogue, lang, today, onChange, onShow }: TimePanelProps) {
  const { t } = useTranslation();
  const comparable = catalogue.filter(({ geometry, load }) => geometry !== 'raster' && load !== null);
  const shown = new Set(state.layers.map(({ id }) => id));
  const chosen = state.diff?.layer ?? '';
  const choices = comparable.filter(({ id }) => shown.has(id) || id === chosen);
  return (
    <Panel title={t('time.title')} className="om-time" canFold>
      <label className="om-field">
        <span>{t('time.asOf')}</span>
        <span className="om-inline">
          <DayInput value={state.asOf} last={today} onChange={(day) => onChange({ asOf: day })} />
          {state.asOf !== null && (
            <button type="button" className="om-link" onClick={() => onChange({ asOf: null })}>
              {t('time.now')}
            </button>
          )}
        </span>
      </label>
      {state.asOf !== null && <p className="om-hint">{t('time.asOf.help')}</p>}
      <NativeSelect
        size="sm"
        label={t('time.compare')}
        description={choices.length === 0 ? t('time.compare.none') : undefined}
        value={chosen}
        data={[
          { value: '', label: t('time.compare.off') },
          ...choices.map(({ id, title }) => ({ value: id, label: pick(title, lang) })),
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange({ diff: value === '' ? null : { layer: value, from: null } });
        }}
      />
      {state.diff && <Comparison diff={state.diff} {...{ lang, onChange, onShow }} />}
    </Panel>
  );
}

function Comparison(props: {
  diff: NonNullable<UrlState['diff']>;
  lang: Language;
  onChange: TimePanelProps['onChange'];
  onShow: TimePanelProps['onShow'];
}) {
  const { diff, lang, onChange, onShow } = props;
  const { t } = useTranslation();
  const versions = useVersions(diff.layer);
  const summary = useDiff(diff.layer, diff.from);
  return (
    <Answer<VersionList> query={versions}>
      {({ versions: all }) => {
        const earlier = all.filter(({ kept, to }) => kept && to !== null);
        if (earlier.length === 0) return <p className="om-state">{t('time.compare.first')}</p>;
        return (
          <>
            <NativeSelect
              size="xs"
              label={t('time.compare.with')}
              value={diff.from ?? earlier[0]?.load ?? ''}
              data={earlier.map(({ load, from }) => ({
                value: String(load),
                label: `#${load} · ${dateTime(Date.parse(from), lang)}`,
              }))}
              onChange={(event) => onChange({ diff: { ...diff, from: Number(event.currentTarget.value) } })}
            />
            <Answer<DiffSummary> query={summary}>
              {(answer) => (
                <>
                  <Changes diff={answer} lang={lang} />
                  {answer.added + answer.removed + answer.changed + answer.moved > 0 && (
                    <ChangedRows key={`${answer.layer}:${answer.from.load}`} diff={answer} {...{ lang, onShow }} />
                  )}
                </>
              )}
            </Answer>
          </>
        );
      }}
    </Answer>
  );
}

/** The counts, which are the legend of the map as well. */
function Changes({ diff, lang }: { diff: DiffSummary; lang: Language }) {
  const { t } = useTranslation();
  const detail = useLayerDetail(diff.layer);
  const titleOf = (name: string) => pick(detail.data?.fields.find((field) => field.name === name)?.title, lang) || name;
  const fields = Object.entries(diff.fields).toSorted((a, b) => b[1] - a[1]);
  return (
    <>
      <dl className="om-pairs" data-testid="diff-counts">
        {DIFF_KINDS.map((kind) => (
          <div key={kind}>
            <dt>
              <i className="om-diff-mark" style={{ background: DIFF_STYLE[kind].color }} aria-hidden>
                {DIFF_STYLE[kind].sign}
              </i>
              {t(`time.kind.${kind}`)}
            </dt>
            <dd>{number(diff[kind], lang)}</dd>
          </div>
        ))}
        <div>
          <dt>{t('time.unchanged')}</dt>
          <dd>{number(diff.unchanged, lang)}</dd>
        </div>
        {diff.movedMetres && (
          <div>
            <dt>{t('time.movedMetres')}</dt>
            <dd>
              {number(Math.round(diff.movedMetres.mean), lang)} / {number(Math.round(diff.movedMetres.max), lang)} m
            </dd>
          </div>
        )}
      </dl>
      {fields.length > 0 && (
        <table className="om-table">
          <caption>{t('time.fields')}</caption>
          <tbody>
            {fields.map(([name, count]) => (
              <tr key={name}>
                <td>{titleOf(name)}</td>
                <td>{number(count, lang)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
