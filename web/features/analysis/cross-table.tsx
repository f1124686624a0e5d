import { NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Aggregate, LayerSummary } from '../../../server/app.ts';
import { useAggregate } from '../../api/counts.ts';
import type { Field } from '../../field-text.ts';
import { pick } from '../../i18n/i18n.ts';
import { number } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
import { TableActions } from '../../ui/table-actions.tsx';
import type { Cell } from '../../ui/table-text.ts';
import type { Language, UrlState } from '../../url-state.ts';
import { crossOf, type Cross } from './cross.ts';
import { choiceOf, groupingsOf, keyText, type GroupingChoice } from './groupings.ts';

export interface CrossTableProps {
  layer: LayerSummary;
  fields: readonly Field[];
  cross: UrlState['cross'];
  metric: string | null;
  filter: object | null;
  at: string | null;
  lang: Language;
  onChange: (cross: UrlState['cross']) => void;
}

/** Rows and columns beyond which a table is cut. */
const MOST_ROWS = 100;
const MOST_COLUMNS = 24;

/** Figures by one grouping or by two crossed: a heat table, or a pyramid where ages meet two values. */
export function CrossTable(props: CrossTableProps) {
  const { layer, fields, cross, metric, filter, at, lang, onChange } = props;
  const { t } = useTranslation();
  const choices = groupingsOf(fields);
  const asked = useAggregate(cross === null ? null : layer.id, {
    by: cross?.by ?? null,
    by2: cross?.by2 ?? null,
    metric,
    filter,
    at,
  });
  if (choices.length === 0) return null;
  return (
    <section className="om-cross" aria-label={t('cross.title')}>
      <h3>{t('cross.title')}</h3>
      <div className="om-inline om-inline-half">
        <GroupingSelect
          label={t('cross.by')}
          choices={choices}
          value={cross?.by ?? null}
          lang={lang}
          onChange={(by) => onChange(by === null ? null : { by, by2: cross?.by2 === by ? null : (cross?.by2 ?? null) })}
        />
        {cross !== null && (
          <GroupingSelect
            label={t('cross.by2')}
            choices={choices.filter(({ field }) => field.name !== cross.by.split(':')[0])}
            value={cross.by2}
            lang={lang}
            onChange={(by2) => onChange({ ...cross, by2 })}
          />
        )}
      </div>
      {cross !== null && (
        <Answer<Aggregate> query={asked} isEmpty={({ counts }) => counts.length === 0}>
          {(answer) => (
            <div data-stale={asked.isPlaceholderData || undefined}>
              {asked.error && <Failure error={asked.error} onRetry={() => void asked.refetch()} />}
              <Table answer={answer} choices={choices} lang={lang} layer={layer.id} />
            </div>
          )}
        </Answer>
      )}
    </section>
  );
}

function GroupingSelect(props: {
  label: string;
  choices: readonly GroupingChoice[];
  value: string | null;
  lang: Language;
  onChange: (value: string | null) => void;
}) {
  const { label, choices, value, lang, onChange } = props;
  const { t } = useTranslation();
  const chosen = value === null ? undefined : choiceOf(value, choices);
  return (
    <div className="om-grouping">
      <NativeSelect
        size="xs"
        label={label}
        value={chosen?.value ?? ''}
        data={[
          { value: '', label: t('cross.none') },
          ...choices.map(({ value: choice, how, field }) => ({
            value: choice,
            label: how === null ? pick(field.title, lang) : `${pick(field.title, lang)} · ${t(`cross.how.${how}`)}`,
          })),
        ]}
        onChange={(event) => onChange(event.currentTarget.value || null)}
      />
      {chosen?.how === 'bands' && value !== null && (
        <Breaks key={chosen.field.name} name={chosen.field.name} value={value} onChange={onChange} />
      )}
    </div>
  );
}

/** Breaks of the bands of a number, ascending, with commas. */
function Breaks({ name, value, onChange }: { name: string; value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value.slice(name.length + 1));
  const breaks = text.split(/[,，\s]+/).filter(Boolean);
  const isGood =
    breaks.length > 0 &&
    breaks.every((item) => /^-?\d{1,12}(\.\d{1,6})?$/.test(item)) &&
    breaks.every((item, index) => index === 0 || Number(item) > Number(breaks[index - 1]));
  const next = `${name}:${breaks.join(',')}`;
  useEffect(() => {
    if (!isGood || next === value) return undefined;
    const timer = setTimeout(() => onChange(next), 500);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only typing starts the timer
  }, [text]);
  return (
    <TextInput
      size="xs"
      aria-label={t('cross.breaks')}
      value={text}
      error={isGood ? undefined : t('cross.breaks.help')}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}

function Table(props: { answer: Aggregate; choices: readonly GroupingChoice[]; lang: Language; layer: string }) {
  const { answer, choices, lang, layer } = props;
  const { t } = useTranslation();
  const cross = crossOf(answer);
  const [first, second] = answer.by.map((grouping) => choiceOf(grouping, choices));
  const title = (choice: GroupingChoice | undefined) => pick(choice?.field.title, lang);
  const isShare = answer.metric === 'share';
  const text = (value: Cross['values'][number][number]): string => {
    if (value === undefined) return '';
    if (value === null) return '·';
    if (typeof value === 'string') return value.slice(0, 16).replace('T', ' ');
    if (isShare) return `${number(100 * value, lang, 1)} %`;
    return number(value, lang, Number.isInteger(value) ? 0 : 2);
  };
  const columnTitle = (key: Cross['columns'][number]) =>
    key === null ? (answer.metric === 'count' ? t('analyse.count') : t('cross.value')) : keyText(key, second, lang);
  const rows = () => [
    [title(first), ...cross.columns.map(columnTitle)],
    ...cross.rows.map((key, index) => [
      keyText(key, first, lang),
      ...cross.columns.map((_, column): Cell => cross.values[index]?.[column] ?? null),
    ]),
  ];
  const isPyramid = answer.by[0]?.includes(':age') === true && cross.columns.length === 2;
  const shownColumns = cross.columns.slice(0, MOST_COLUMNS);
  const shownRows = cross.rows.slice(0, MOST_ROWS);
  const order = isPyramid ? shownRows.map((_, index) => index).toReversed() : shownRows.map((_, index) => index);
  return (
    <>
      <div className="om-cross-scroll" tabIndex={0} role="region" aria-label={t('cross.title')}>
        <table className={`om-table om-cross-table${isPyramid ? ' om-pyramid' : ''}`} data-testid="cross-table">
          <thead>
            <tr>
              <th scope="col">{title(first)}</th>
              {shownColumns.map((key) => (
                <th scope="col" key={String(key)}>
                  {columnTitle(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {order.map((row) => (
              <tr key={String(cross.rows[row])}>
                <th scope="row">{keyText(cross.rows[row] ?? '', first, lang)}</th>
                {shownColumns.map((key, column) => {
                  const value = cross.values[row]?.[column];
                  const size = typeof value === 'number' && cross.most > 0 ? Math.max(0, value / cross.most) : 0;
                  const isBar = isPyramid || cross.columns.length === 1;
                  return (
                    <td
                      key={String(key)}
                      className={isBar ? 'om-cell-bar' : undefined}
                      style={isBar ? undefined : { background: heat(size) }}
                    >
                      {isBar && (
                        <span
                          className="om-pyramid-bar"
                          aria-hidden="true"
                          style={{ width: `${100 * size}%`, background: `var(--om-series-${column})` }}
                        />
                      )}
                      <span>{text(value)}</span>
                      {value === null && <span className="om-hidden">{t('legend.withheld')}</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(cross.rows.length > MOST_ROWS || cross.columns.length > MOST_COLUMNS) && (
        <p className="om-dim">{t('cross.cut', { rows: MOST_ROWS, columns: MOST_COLUMNS })}</p>
      )}
      {answer.outside !== null && answer.outside > 0 && (
        <p className="om-dim">{t('cross.outside', { count: number(answer.outside, lang) as unknown as number })}</p>
      )}
      <TableActions name={`${layer}-${answer.by.join('-').replaceAll(/[^a-z0-9-]+/gi, '_')}`} rows={rows} />
    </>
  );
}

/** Pale to strong, so that the figure stays readable on it. */
function heat(size: number): string | undefined {
  return size > 0
    ? `color-mix(in srgb, var(--om-series-0) ${Math.round(6 + 44 * Math.sqrt(size))}%, transparent)`
    : undefined;
}
