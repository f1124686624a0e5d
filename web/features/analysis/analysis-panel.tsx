import { NativeSelect, SegmentedControl } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CellCounts, HexagonCounts, LayerSummary } from '../../../server/app.ts';
import { useLayerDetail } from '../../api/layers.ts';
import { toFilter, type FilterNode } from '../../filter.ts';
import { pick } from '../../i18n/i18n.ts';
import type { DrawMode } from '../../map/draw-mode.ts';
import { placeText, type PlaceNames } from '../../place-names.ts';
import type { DrawnShape } from '../../shape.ts';
import { number } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import { TableActions } from '../../ui/table-actions.tsx';
import type { Language, Level, UrlState } from '../../url-state.ts';
import { CrossTable } from './cross-table.tsx';
import { FilterSection } from './filter-section.tsx';
import { MetricSelect, metricTitle } from './metric-select.tsx';

export type Display = 'off' | 'hexagons' | Level;

export interface AnalysisPanelProps {
  state: UrlState;
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
  gridCodes: readonly string[];
  lang: Language;
  /** Resolution drawn now, chosen or following the zoom. */
  res: number;
  hexagons: UseQueryResult<HexagonCounts>;
  areas: UseQueryResult<CellCounts>;
  onChange: (patch: Partial<UrlState>) => void;
  onFilter: (layer: string, tree: FilterNode | undefined) => void;
  onArea: (code: string) => void;
  /** Flies to a hexagon. */
  onHexagon: (cell: string) => void;
  /** What people call the place of a hexagon. */
  hexagonPlace: (cell: string) => string;
  onDraw: (mode: DrawMode, done: (shape: DrawnShape) => void) => void;
  /** Opens the rows of a layer as a table. */
  onTable: (layer: string) => void;
  /** How a figure of the metric is told. */
  figureText: (value: number | string | null) => string;
  /** Where the total comes from. */
  why?: ReactNode;
}

/** Layer and way of display now chosen in the address. */
export function displayOf(state: UrlState): { layer: string | null; display: Display } {
  if (state.hexagons) return { layer: state.hexagons.layer, display: 'hexagons' };
  if (state.areas) return { layer: state.areas.layer, display: state.areas.by };
  return { layer: state.focus, display: 'off' };
}

/** One layer under a filter: its rows, figures by hexagon or area, and by groups; what the map shows is told as text too. */
export function AnalysisPanel(props: AnalysisPanelProps) {
  const { state, catalogue, names, gridCodes, lang, res, hexagons, areas, why, figureText } = props;
  const { onChange, onFilter, onArea, onHexagon, hexagonPlace, onDraw, onTable } = props;
  const { t } = useTranslation();
  const { layer: id, display } = displayOf(state);
  const detail = useLayerDetail(id);
  const countable = catalogue.filter(({ geometry, load }) => geometry !== 'raster' && load !== null);

  const choose = (nextLayer: string | null, nextDisplay: Display) => {
    // Metric and groupings are of the fields of a layer: with another one they begin anew.
    const anew = nextLayer === id ? {} : { metric: null, cross: null };
    if (nextLayer === null) onChange({ hexagons: null, areas: null, focus: null, ...anew });
    else if (nextDisplay === 'off') onChange({ hexagons: null, areas: null, focus: nextLayer, ...anew });
    else if (nextDisplay === 'hexagons') {
      const hexagonsOf = { layer: nextLayer, res: state.hexagons?.res ?? null };
      onChange({ hexagons: hexagonsOf, areas: null, focus: null, ...anew });
    } else onChange({ hexagons: null, areas: { layer: nextLayer, by: nextDisplay }, focus: null, ...anew });
  };
  const isHexagons = display === 'hexagons';
  const query: UseQueryResult<HexagonCounts | CellCounts> = isHexagons ? hexagons : areas;
  const fields = detail.data?.fields ?? [];
  const filter = toFilter(id === null ? undefined : state.filters[id]);

  return (
    <Panel title={t('analyse.title')} className="om-analysis" canFold>
      <NativeSelect
        size="sm"
        label={t('analyse.layer')}
        value={id ?? ''}
        data={[
          { value: '', label: t('analyse.choose') },
          ...countable.map((item) => ({
            value: item.id,
            label: `${pick(item.title, lang)} (${number(item.count, lang)})`,
          })),
        ]}
        onChange={(event) => {
          const next = event.currentTarget.value || null;
          choose(next, id === null && next !== null ? 'hexagons' : display);
        }}
      />
      {id !== null && (
        <>
          {detail.error ? (
            <Failure error={detail.error} onRetry={() => void detail.refetch()} />
          ) : (
            detail.data && (
              <FilterSection
                key={id}
                layer={detail.data}
                tree={state.filters[id]}
                filters={state.filters}
                selection={state.selection}
                at={state.asOf}
                {...{ catalogue, names, gridCodes, lang, onDraw }}
                onChange={(tree) => onFilter(id, tree)}
                onTable={() => onTable(id)}
              />
            )
          )}
          <h3>{t('analyse.figures')}</h3>
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label={t('analyse.how')}
            value={display}
            onChange={(value) => choose(id, value as Display)}
            data={(['hexagons', 'grid', 'community', 'town', 'off'] as const).map((value) => ({
              value,
              label: t(`analyse.${value}`),
            }))}
          />
          <div className="om-inline om-inline-half">
            {detail.data && (
              <MetricSelect
                fields={fields}
                metric={state.metric}
                lang={lang}
                onChange={(metric) => onChange({ metric })}
              />
            )}
            {isHexagons && (
              <NativeSelect
                size="xs"
                label={t('analyse.res')}
                value={state.hexagons?.res ?? ''}
                data={[
                  { value: '', label: `${t('analyse.resAuto')} (${res})` },
                  ...[6, 7, 8, 9, 10, 11, 12].map((value) => ({ value: String(value), label: `H3 ${value}` })),
                ]}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  onChange({ hexagons: { layer: id, res: value === '' ? null : Number(value) } });
                }}
              />
            )}
          </div>
          {display !== 'off' && (
            <Answer<HexagonCounts | CellCounts> query={query}>
              {(counts) => (
                <>
                  {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
                  <dl className="om-totals" data-stale={query.isPlaceholderData || undefined}>
                    <div>
                      <dt>
                        {t(counts.metric === 'share' ? 'analyse.all' : 'analyse.total')} {why}
                      </dt>
                      <dd data-testid="analysis-total">
                        {counts.total === null
                          ? t('state.withheld', { k: counts.suppressed.k })
                          : number(counts.total, lang)}
                      </dd>
                    </div>
                    {counts.totalValue !== undefined && (
                      <div>
                        <dt>{metricTitle(t, counts.metric ?? 'count', fields, lang)}</dt>
                        <dd>{figureText(counts.totalValue)}</dd>
                      </div>
                    )}
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
                  {isHexagons && counts.values === undefined && <p className="om-dim">{t('analyse.extruded')}</p>}
                  <TopUnits
                    counts={counts}
                    title={metricTitle(t, counts.metric ?? 'count', fields, lang)}
                    {...{ lang, figureText }}
                    placeOf={isHexagons ? hexagonPlace : (code) => placeText(code, names)}
                    name={`${id}-${isHexagons ? `h3-${res}` : display}`}
                    onUnit={isHexagons ? onHexagon : onArea}
                  />
                </>
              )}
            </Answer>
          )}
          {detail.data && (
            <CrossTable
              layer={detail.data}
              {...{ fields, filter, lang }}
              cross={state.cross}
              metric={state.metric}
              at={state.asOf}
              onChange={(cross) => onChange({ cross })}
            />
          )}
        </>
      )}
    </Panel>
  );
}

const TOP = 20;

/** The units with the highest figures as a table: what the map shows, in words. */
function TopUnits(props: {
  counts: HexagonCounts | CellCounts;
  title: string;
  lang: Language;
  placeOf: (unit: string) => string;
  name: string;
  figureText: (value: number | string | null) => string;
  onUnit: (unit: string) => void;
}) {
  const { counts: answer, title, lang, placeOf, name, figureText, onUnit } = props;
  const { t } = useTranslation();
  const units = 'cells' in answer ? answer.cells : answer.codes;
  const all = units
    .map((unit, index) => ({
      unit,
      count: answer.counts[index] ?? null,
      value: (answer.values ?? answer.counts)[index] ?? null,
    }))
    .filter(({ value }) => value !== null)
    .toSorted((a, b) => (a.value === b.value ? 0 : (a.value as number) < (b.value as number) ? 1 : -1));
  if (all.length === 0) return <p className="om-state">{t('state.empty')}</p>;
  const isFigure = answer.values !== undefined;
  // A share is of all rows: these are counted beside it.
  const countTitle = t(answer.metric === 'share' ? 'analyse.all' : 'analyse.count');
  return (
    <>
      <table className="om-table">
        <caption>{t('analyse.table', { shown: Math.min(TOP, all.length), total: all.length })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('analyse.unit')}</th>
            {isFigure && <th scope="col">{title}</th>}
            <th scope="col">{countTitle}</th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, TOP).map(({ unit, count, value }) => (
            <tr key={unit}>
              <td>
                <button type="button" className="om-link" title={unit} onClick={() => onUnit(unit)}>
                  {placeOf(unit)}
                </button>
              </td>
              {isFigure && <td>{figureText(value)}</td>}
              <td>{number(count, lang)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <TableActions
        name={name}
        rows={() => [
          [t('analyse.unit'), t('panel.code'), ...(isFigure ? [title] : []), countTitle],
          ...all.map(({ unit, count, value }) => [placeOf(unit), unit, ...(isFigure ? [value] : []), count]),
        ]}
      />
    </>
  );
}
