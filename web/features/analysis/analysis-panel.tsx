import { NativeSelect, SegmentedControl } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CellCounts, HexagonCounts, LayerSummary } from '../../../server/app.ts';
import { useLayerDetail } from '../../api.ts';
import { pick } from '../../i18n/i18n.ts';
import type { PlaceNames } from '../../place-names.ts';
import { number } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Condition, Language, Level, UrlState } from '../../url-state.ts';
import { FilterBuilder } from './filter-builder.tsx';

export type Display = 'off' | 'hexagons' | Level;

export interface AnalysisPanelProps {
  state: UrlState;
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
  lang: Language;
  /** Resolution drawn now, chosen or following the zoom. */
  res: number;
  hexagons: UseQueryResult<HexagonCounts>;
  areas: UseQueryResult<CellCounts>;
  onChange: (patch: Partial<UrlState>) => void;
  onArea: (code: string) => void;
  /** Where the total comes from. */
  why?: ReactNode;
}

/** Layer and way of display now chosen in the address. */
export function displayOf(state: UrlState): { layer: string | null; display: Display } {
  if (state.hexagons) return { layer: state.hexagons.layer, display: 'hexagons' };
  if (state.areas) return { layer: state.areas.layer, display: state.areas.by };
  return { layer: null, display: 'off' };
}

/** Counts of one layer by hexagon or area under a filter: choose, see, and read the same numbers as text. */
export function AnalysisPanel(props: AnalysisPanelProps) {
  const { state, catalogue, names, lang, res, hexagons, areas, onChange, onArea, why } = props;
  const { t } = useTranslation();
  const { layer, display } = displayOf(state);
  const detail = useLayerDetail(layer);
  const countable = catalogue.filter(({ geometry, load }) => geometry !== 'raster' && load !== null);

  const choose = (nextLayer: string | null, nextDisplay: Display) => {
    if (nextLayer === null || nextDisplay === 'off') onChange({ hexagons: null, areas: null });
    else if (nextDisplay === 'hexagons') {
      onChange({ hexagons: { layer: nextLayer, res: state.hexagons?.res ?? null }, areas: null });
    } else onChange({ hexagons: null, areas: { layer: nextLayer, by: nextDisplay } });
  };
  const conditions = (layer === null ? undefined : state.filters[layer]) ?? [];
  const setConditions = (next: Condition[]) => {
    if (layer === null) return;
    const filters = { ...state.filters, [layer]: next };
    if (next.length === 0) delete filters[layer];
    onChange({ filters });
  };
  const isHexagons = display === 'hexagons';
  const query: UseQueryResult<HexagonCounts | CellCounts> = isHexagons ? hexagons : areas;

  return (
    <Panel title={t('analyse.title')} className="om-analysis" canFold>
      <NativeSelect
        size="sm"
        label={t('analyse.layer')}
        value={layer ?? ''}
        data={[
          { value: '', label: t('analyse.choose') },
          ...countable.map(({ id, title, count }) => ({
            value: id,
            label: `${pick(title, lang)} (${number(count, lang)})`,
          })),
        ]}
        onChange={(event) => choose(event.currentTarget.value || null, display === 'off' ? 'hexagons' : display)}
      />
      {layer !== null && (
        <>
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label={t('analyse.how')}
            value={display}
            onChange={(value) => choose(layer, value as Display)}
            data={(['hexagons', 'grid', 'community', 'town', 'off'] as const).map((value) => ({
              value,
              label: t(`analyse.${value}`),
            }))}
          />
          {isHexagons && (
            <NativeSelect
              size="xs"
              label={t('analyse.res')}
              value={state.hexagons?.res ?? ''}
              data={[
                { value: '', label: `${t('analyse.resAuto')} (${res})` },
                ...[7, 8, 9, 10, 11].map((value) => ({ value: String(value), label: `H3 ${value}` })),
              ]}
              onChange={(event) => {
                const { value } = event.currentTarget;
                onChange({ hexagons: { layer, res: value === '' ? null : Number(value) } });
              }}
            />
          )}
          <h3>{t('filter.title')}</h3>
          {detail.error ? (
            <Failure error={detail.error} onRetry={() => void detail.refetch()} />
          ) : (
            detail.data && (
              <FilterBuilder fields={detail.data.fields} conditions={conditions} lang={lang} onChange={setConditions} />
            )
          )}
          <Answer<HexagonCounts | CellCounts> query={query}>
            {(counts) => (
              <>
                {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
                <dl className="om-totals" data-stale={query.isPlaceholderData || undefined}>
                  <div>
                    <dt>
                      {t('analyse.total')} {why}
                    </dt>
                    <dd data-testid="analysis-total">
                      {counts.total === null
                        ? t('state.withheld', { k: counts.suppressed.k })
                        : number(counts.total, lang)}
                    </dd>
                  </div>
                  {counts.unlocated !== null && counts.unlocated > 0 && (
                    <div>
                      <dt>{t('analyse.unlocated')}</dt>
                      <dd>{number(counts.unlocated, lang)}</dd>
                    </div>
                  )}
                  {counts.suppressed.groups > 0 && (
                    <div>
                      <dt>{t('analyse.suppressed')}</dt>
                      <dd>
                        {number(counts.suppressed.groups, lang)} (k = {counts.suppressed.k})
                      </dd>
                    </div>
                  )}
                </dl>
                {isHexagons && <p className="om-dim">{t('analyse.extruded')}</p>}
                <TopUnits
                  units={'cells' in counts ? counts.cells : counts.codes}
                  counts={counts.counts}
                  {...{ lang, names }}
                  onArea={isHexagons ? undefined : onArea}
                />
              </>
            )}
          </Answer>
        </>
      )}
    </Panel>
  );
}

/** The twenty largest units as a table: what the map shows, in words. */
function TopUnits(props: {
  units: readonly string[];
  counts: readonly (number | null)[];
  lang: Language;
  names: PlaceNames;
  onArea: ((code: string) => void) | undefined;
}) {
  const { units, counts, lang, names, onArea } = props;
  const { t } = useTranslation();
  const top = units
    .map((unit, index) => ({ unit, count: counts[index] ?? null }))
    .filter((row): row is { unit: string; count: number } => row.count !== null)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 20);
  if (top.length === 0) return <p className="om-state">{t('state.empty')}</p>;
  return (
    <table className="om-table">
      <caption>{t('analyse.table')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('analyse.unit')}</th>
          <th scope="col">{t('analyse.count')}</th>
        </tr>
      </thead>
      <tbody>
        {top.map(({ unit, count }) => (
          <tr key={unit}>
            <td>
              {onArea ? (
                <button type="button" className="om-link" onClick={() => onArea(unit)}>
                  {names.get(unit) ?? unit}
                </button>
              ) : (
                <code>{unit}</code>
              )}
            </td>
            <td>{number(count, lang)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
