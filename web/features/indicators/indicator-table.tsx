import { useTranslation } from 'react-i18next';
import type { Indicators } from '../../../server/app.ts';
import { useIndicators } from '../../api.ts';
import { pick } from '../../i18n/i18n.ts';
import { sourceTitle } from '../../i18n/source-title.ts';
import type { PlaceNames } from '../../place-names.ts';
import { number, percent, today } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import {
  INDICATOR_DIMENSIONS,
  INDICATOR_PERIODS,
  INDICATOR_SETS,
  type IndicatorChoice,
  type Language,
} from '../../url-state.ts';
import { daysOf } from './days-of.ts';

export interface IndicatorTableProps {
  choice: IndicatorChoice;
  names: PlaceNames;
  lang: Language;
  onChange: (choice: IndicatorChoice) => void;
}

type Group = Indicators['groups'][number];
type Definition = Indicators['indicators'][number];

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
export function IndicatorTable({ choice, names, lang, onChange }: IndicatorTableProps) {
  const { t } = useTranslation();
  const { by, period, set } = choice;
  const { from, to } = daysOf(period, today());
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
      <Answer<Indicators> query={query} isEmpty={({ groups }) => groups.length === 0}>
        {(answer) => <Table {...{ answer, district: district.data?.groups[0], choice, names, lang, onChange }} />}
      </Answer>
    </Panel>
  );
}

function Table(props: IndicatorTableProps & { answer: Indicators; district: Group | undefined }) {
  const { answer, district, choice, names, lang, onChange } = props;
  const { t } = useTranslation();
  const columns = COLUMNS[choice.set].flatMap((id) => answer.indicators.find((each) => each.id === id) ?? []);
  const sorting = columns.find(({ id }) => id === choice.sort) ?? columns[0];
  const rows = sorting ? answer.groups.toSorted(byIndicator(sorting)).slice(0, ROWS) : answer.groups;
  const titleOf = ({ key, title }: Group) =>
    key === null
      ? t('indicators.none')
      : pick(title ?? undefined, lang) || names.get(key) || (choice.by === 'source' ? sourceTitle(key, lang) : key);
  const cells = (group: Group) =>
    columns.map((column) => (
      <td key={column.id}>
        <Value column={column} value={group.values[column.id]} lang={lang} />
      </td>
    ));
  return (
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
          </tr>
        </thead>
        <tbody>
          {rows.map((group) => (
            <tr key={group.key ?? ''}>
              <th scope="row">{titleOf(group)}</th>
              {cells(group)}
            </tr>
          ))}
        </tbody>
        {district && (
          <tfoot>
            <tr>
              <th scope="row">{t('lead.district')}</th>
              {cells(district)}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** Furthest behind first; of what is neither good nor bad, the most first. What nothing can be said of comes last. */
function byIndicator({ id, better }: Definition): (a: Group, b: Group) => number {
  const sign = better === 'more' ? 1 : -1;
  return (a, b) => {
    const [x, y] = [a.values[id]?.value ?? null, b.values[id]?.value ?? null];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  };
}

function Value(props: { column: Definition; value: Group['values'][string] | undefined; lang: Language }) {
  const { column, value, lang } = props;
  const { t } = useTranslation();
  if (!value || value.value === null) return <>–</>;
  const text = (amount: number) => {
    if (column.unit === 'share') return percent(amount, lang);
    if (column.unit !== 'minutes') return number(amount, lang, column.unit === 'score' ? 1 : 0);
    return amount < 120
      ? t('indicators.minutes', { n: number(amount, lang) })
      : t('indicators.hours', { n: number(amount / 60, lang, 1) });
  };
  const of = value.of ? ` = ${number(value.of[0], lang)} ÷ ${number(value.of[1], lang)}` : '';
  const compared = (['previous', 'lastYear'] as const).flatMap((key) =>
    value[key] === null ? [] : `${t(`indicators.${key}`)} ${text(value[key])}`,
  );
  const change = value.previous === null ? 0 : value.value - value.previous;
  const isGood = column.better === null ? null : change > 0 === (column.better === 'more');
  return (
    <span title={[`${text(value.value)}${of}`, ...compared].join('\n')}>
      {text(value.value)}
      {Math.abs(change) > 1e-9 && (
        <small className={isGood === false ? 'om-change om-tone-bad' : 'om-change'}>
          <i aria-hidden="true">{change > 0 ? '▲' : '▼'}</i>
          <span className="om-hidden">{t('indicators.previous')} </span>
          {column.unit === 'share' ? number(Math.abs(100 * change), lang, 1) : text(Math.abs(change))}
        </small>
      )}
    </span>
  );
}
