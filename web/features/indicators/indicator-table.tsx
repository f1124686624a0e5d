import { useTranslation } from 'react-i18next';
import type { Indicators } from '../../../server/app.ts';
import { useIndicators, useIndicatorTrend } from '../../api/incidents.ts';
import { pick } from '../../i18n/i18n.ts';
import { sourceTitle } from '../../i18n/source-title.ts';
import type { PlaceNames } from '../../place-names.ts';
import { number, today } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import { rangeOf, Sparkline } from '../../ui/sparkline.tsx';
import { TableActions } from '../../ui/table-actions.tsx';
import {
  INDICATOR_DIMENSIONS,
  INDICATOR_PERIODS,
  INDICATOR_SETS,
  type FigureChoice,
  type IndicatorChoice,
  type Language,
} from '../../url-state.ts';
import { daysOf, stepOf } from './days-of.ts';
import { FigurePanel } from './figure-panel.tsx';
import { figureText, gapText, type Definition, type Group } from './figure-text.ts';
import { FindingLine } from './finding-line.tsx';
import { isComparable } from './finding-of.ts';

export interface IndicatorTableProps {
  choice: IndicatorChoice;
  names: PlaceNames;
  lang: Language;
  onChange: (choice: IndicatorChoice) => void;
  /** The figure that is looked into. */
  figure: FigureChoice | null;
  onFigure: (figure: FigureChoice | null) => void;
}

/** Columns of each set, the one that sorts first. */
const COLUMNS: Readonly<Record<IndicatorChoice['set'], readonly string[]>> = {
  score: ['score', 'inTimeArchiveRate', 'archiveRate', 'reworkRate', 'inTimeDisposeRate', 'satisfactionRate'],
  pace: [
    'avgHandleTime',
    'avgAcceptTime',
    'inTimeRegisterRate',
    'accurDispatchRate',
    'checkInTimeRate',
    'returnRate',
    'extensionRate',
    'suspendRate',
  ],
  count: ['report', 'register', 'dispatch', 'dispose', 'archive', 'needArchiveNum', 'repeatRate', 'missRate'],
};
/** Rows shown at most: the furthest behind, or the most. */
const ROWS = 20;

/** Every group beside the others, the one furthest behind first, each number with its change. */
export function IndicatorTable({ choice, names, lang, onChange, figure, onFigure }: IndicatorTableProps) {
  const { t } = useTranslation();
  const { by, period, set } = choice;
  const days = daysOf(period, today());
  const { from, to } = days;
  const query = useIndicators(by, from, to);
  const district = useIndicators('district', from, to);
  const selects = [
    { key: 'by', value: by, values: INDICATOR_DIMENSIONS },
    { key: 'period', value: period, values: INDICATOR_PERIODS },
    { key: 'set', value: set, values: INDICATOR_SETS },
  ] as const;
  return (
    <Panel
      title={t('indicators.title')}
      className="om-indicators"
      aside={
        <div className="om-aside-row">
          {selects.map(({ key, value, values }) => (
            <select
              key={key}
              aria-label={t(`indicators.${key}`)}
              value={value}
              onChange={(event) => onChange({ ...choice, [key]: event.currentTarget.value, sort: null })}
            >
              {values.map((each) => (
                <option key={each} value={each}>
                  {t(`indicators.${key}.${each}` as 'indicators.by.town')}
                </option>
              ))}
            </select>
          ))}
        </div>
      }
    >
      <p className="om-period">
        {t(`indicators.period.${period}`)} {from === to ? from : `${from} – ${to}`}
      </p>
      <Answer<Indicators> query={query} isEmpty={({ groups }) => groups.length === 0}>
        {(answer) => (
          <Table
            {...{ answer, district: district.data?.groups[0], choice, days, names, lang, onChange, figure, onFigure }}
          />
        )}
      </Answer>
    </Panel>
  );
}

function Table(
  props: IndicatorTableProps & {
    answer: Indicators;
    district: Group | undefined;
    days: { from: string; to: string };
  },
) {
  const { answer, district, choice, days, names, lang, onChange, figure, onFigure } = props;
  const { t } = useTranslation();
  const columns = COLUMNS[choice.set].flatMap((id) => answer.indicators.find((each) => each.id === id) ?? []);
  const sorting = columns.find(({ id }) => id === choice.sort) ?? columns[0];
  const rows = sorting ? answer.groups.toSorted(byIndicator(sorting)).slice(0, ROWS) : answer.groups;
  const step = stepOf(days);
  const hasTrend = days.from !== days.to;
  const trend = useIndicatorTrend(hasTrend ? (sorting?.id ?? null) : null, choice.by, days.from, days.to, step);
  const whole = useIndicatorTrend(hasTrend ? (sorting?.id ?? null) : null, 'district', days.from, days.to, step);
  const titleOf = ({ key, title }: Group) =>
    key === null
      ? t('indicators.none')
      : pick(title ?? undefined, lang) || names.get(key) || (choice.by === 'source' ? sourceTitle(key, lang) : key);
  const lineOf = (group: Group) => trend.data?.groups.find(({ key }) => key === group.key)?.values ?? [];
  const measure = whole.data?.groups[0]?.values ?? [];
  const range = rangeOf([...rows.map(lineOf), measure]);
  const name = t('indicators.trend', { title: pick(sorting?.title, lang) });
  const thin = sorting?.parts ? rows.filter((group) => isThin(sorting, group)) : [];
  const cells = (group: Group, key: string) => (
    <>
      {columns.map((column) => (
        <td key={column.id}>
          <Value
            column={column}
            value={group.values[column.id]}
            isThin={isThin(column, group)}
            isOpen={figure?.id === column.id && figure.key === key}
            name={key === '*' ? t('lead.district') : titleOf(group)}
            lang={lang}
            onOpen={() => onFigure({ id: column.id, key, side: null })}
          />
        </td>
      ))}
      {hasTrend && (
        <td>
          {sorting && (
            <Sparkline
              values={key === '*' ? measure : lineOf(group)}
              measure={key === '*' ? undefined : measure}
              range={range}
              label={name}
            />
          )}
        </td>
      )}
    </>
  );
  const opened =
    figure === null
      ? undefined
      : figure.key === '*'
        ? district
        : answer.groups.find(({ key }) => (key ?? '') === figure.key);
  const definition = answer.indicators.find(({ id }) => id === figure?.id);
  return (
    <>
      {sorting && (
        <FindingLine
          definition={sorting}
          indicators={answer.indicators}
          groups={answer.groups}
          {...{ district, titleOf, lang }}
        />
      )}
      <div className="om-table-scroll">
        <table className="om-table">
          <caption>{t('indicators.order')}</caption>
          <thead>
            <tr>
              <th scope="col">{t(`indicators.by.${choice.by}`)}</th>
              {columns.map(({ id, title }) => (
                <th scope="col" key={id} aria-sort={sorting?.id === id ? 'other' : undefined}>
                  <button type="button" className="om-link" onClick={() => onChange({ ...choice, sort: id })}>
                    {pick(title, lang)}
                    {sorting?.id === id && <i aria-hidden="true"> ▾</i>}
                  </button>
                </th>
              ))}
              {hasTrend && <th scope="col">{name}</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map((group) => (
              <tr key={group.key ?? ''}>
                <th scope="row">{titleOf(group)}</th>
                {cells(group, group.key ?? '')}
              </tr>
            ))}
          </tbody>
          {district && (
            <tfoot>
              <tr>
                <th scope="row">{t('lead.district')}</th>
                {cells(district, '*')}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {thin.length > 0 && <p className="om-dim om-small">{t('indicators.thin')}</p>}
      <TableActions
        name={`indicators-${choice.by}-${days.from}-${days.to}`}
        rows={() => [
          [t(`indicators.by.${choice.by}`), ...columns.map(({ title }) => pick(title, lang))],
          ...[
            ...answer.groups.map((group) => [titleOf(group), group] as const),
            [t('lead.district'), district] as const,
          ].map(([title, group]) => [title, ...columns.map(({ id }) => group?.values[id]?.value ?? null)]),
        ]}
      />
      {figure && opened && definition && (
        <FigurePanel
          key={`${figure.id}:${figure.key}`}
          choice={figure}
          group={opened}
          title={figure.key === '*' ? t('lead.district') : titleOf(opened)}
          by={choice.by}
          indicators={answer.indicators}
          onChange={onFigure}
          {...{ definition, district, days, names, lang }}
        />
      )}
    </>
  );
}

/** Of a score that rests on less than half of its weights nobody should conclude anything. */
function isThin(column: Definition, group: Group): boolean {
  return column.parts !== null && (group.values[column.id]?.value ?? null) !== null && !isComparable(column, group);
}

/** Furthest behind first; of what is neither good nor bad, the most first. What cannot be compared comes last. */
function byIndicator(definition: Definition): (a: Group, b: Group) => number {
  const { id, better } = definition;
  const sign = better === 'more' ? 1 : -1;
  return (a, b) => {
    const [isA, isB] = [isComparable(definition, a), isComparable(definition, b)];
    if (!isA || !isB) return Number(isB) - Number(isA);
    return sign * ((a.values[id]?.value ?? 0) - (b.values[id]?.value ?? 0));
  };
}

function Value(props: {
  column: Definition;
  value: Group['values'][string] | undefined;
  isThin: boolean;
  isOpen: boolean;
  name: string;
  lang: Language;
  onOpen: () => void;
}) {
  const { column, value, isThin: isWeak, isOpen, name, lang, onOpen } = props;
  const { t } = useTranslation();
  if (!value || value.value === null) return <>–</>;
  const text = (amount: number) => figureText(t, column, amount, lang);
  const of = value.of ? ` = ${number(value.of[0], lang)} ÷ ${number(value.of[1], lang)}` : '';
  const compared = (['previous', 'lastYear'] as const).flatMap((key) =>
    value[key] === null ? [] : `${t(`indicators.${key}`)} ${text(value[key])}`,
  );
  const change = value.previous === null ? 0 : value.value - value.previous;
  const isGood = column.better === null ? null : change > 0 === (column.better === 'more');
  return (
    <button
      type="button"
      className={`om-value ${isWeak ? 'om-dim' : ''}`}
      aria-expanded={isOpen}
      aria-label={t('behind.open', { name, title: pick(column.title, lang), value: text(value.value) })}
      title={[`${text(value.value)}${of}`, ...compared].join('\n')}
      onClick={onOpen}
    >
      {text(value.value)}
      {isWeak && <sup>*</sup>}
      {Math.abs(change) > 1e-9 && (
        <small className={isGood === false ? 'om-change om-tone-bad' : 'om-change'}>
          <i aria-hidden="true">{change > 0 ? '▲' : '▼'}</i>
          <span className="om-hidden">{t('indicators.previous')} </span>
          {gapText(t, column, change, lang)}
        </small>
      )}
    </button>
  );
}
