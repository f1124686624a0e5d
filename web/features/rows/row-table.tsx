import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerDetail } from '../../../server/app.ts';
import { useRows } from '../../api/counts.ts';
import { useFeature, useLayerDetail, type FeatureAnswer } from '../../api/layers.ts';
import { fieldText, type Field } from '../../field-text.ts';
import { toFilter, type FieldCondition, type FilterNode } from '../../filter.ts';
import { pick } from '../../i18n/i18n.ts';
import { number } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { TableActions } from '../../ui/table-actions.tsx';
import type { Cell } from '../../ui/table-text.ts';
import type { Language, Selection, UrlState } from '../../url-state.ts';
import { ColumnChoice } from './column-choice.tsx';

/** Columns shown until somebody chooses. */
const FIRST_COLUMNS = 8;
/** Rem, read by the style sheet too. */
const ROW_REM = 1.75;
const COLUMN_REM = 8;
/** Rows drawn beyond what is seen. */
const OVERSCAN = 12;

export interface RowTableProps {
  table: NonNullable<UrlState['table']>;
  tree: FilterNode | undefined;
  at: string | null;
  selection: Selection | null;
  lang: Language;
  onChange: (table: UrlState['table']) => void;
  /** A row was chosen: it is shown on the map. */
  onSelect: (feature: FeatureAnswer) => void;
  onFilter: (condition: FilterNode) => void;
}

/** The rows of a layer under its filter: ordered by the server, page by page, in step with the map. */
export function RowTable(props: RowTableProps) {
  const { table, onChange } = props;
  const { t } = useTranslation();
  const detail = useLayerDetail(table.layer);
  return (
    <section className="om-rows" aria-label={t('rows.title')}>
      {detail.data ? (
        <Rows key={table.layer} {...props} detail={detail.data} />
      ) : detail.error ? (
        <>
          <Failure error={detail.error} onRetry={() => void detail.refetch()} />
          <button type="button" className="om-button" onClick={() => onChange(null)}>
            {t('panel.close')}
          </button>
        </>
      ) : (
        <p className="om-state" role="status">
          {t('state.loading')}
        </p>
      )}
    </section>
  );
}

function columnsOf(detail: LayerDetail, chosen: readonly string[] | null): Field[] {
  if (chosen !== null) {
    const found = chosen.flatMap((name) => detail.fields.find((field) => field.name === name) ?? []);
    if (found.length > 0) return found;
  }
  const label = detail.fields.filter(({ name }) => name === detail.label);
  return [...label, ...detail.fields.filter(({ name }) => name !== detail.label)].slice(0, FIRST_COLUMNS);
}

/** The order that was asked for; that of the layer where an address names a field it does not have, or no longer. */
export function knownSort(detail: Pick<LayerDetail, 'fields'>, sort: string | null): string | null {
  const name = sort?.replace(/^-/, '');
  return detail.fields.some((field) => field.name === name && !field.masked) ? sort : null;
}

function Rows(props: RowTableProps & { detail: LayerDetail }) {
  const { table, detail, tree, at, selection, lang, onChange, onSelect, onFilter } = props;
  const { t } = useTranslation();
  const filter = useMemo(() => toFilter(tree), [tree]);
  const sort = knownSort(detail, table.sort);
  const query = useRows(table.layer, filter, sort, at);
  const rows = useMemo(() => query.data?.pages.flatMap(({ features }) => features) ?? [], [query.data]);
  const matched = query.data?.pages[0]?.numberMatched ?? null;
  const columns = useMemo(() => columnsOf(detail, table.columns), [detail, table.columns]);
  const [active, setActive] = useState<[row: number, column: number]>([0, 0]);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  // oxlint-disable-next-line react/incompatible-library -- only this component uses what it returns
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_REM * rem,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isPlaceholderData } = query;
  useEffect(() => {
    if (last >= rows.length - 1 - OVERSCAN && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const selected = selection?.kind === 'feature' && selection.layer === table.layer ? selection.fid : null;
  const at0 = selected === null ? -1 : rows.findIndex(({ id }) => String(id) === selected);
  // From the map to the row, when the row has been read.
  const shownFor = useRef<string | null>(null);
  useEffect(() => {
    if (selected === null || at0 < 0 || shownFor.current === selected) return;
    shownFor.current = selected;
    virtual.scrollToIndex(at0, { align: 'auto' });
  }, [selected, at0, virtual]);
  const elsewhere = useFeature(selected !== null && at0 < 0 ? table.layer : null, at0 < 0 ? selected : null, at);

  const focusCell = (row: number, column: number) => {
    const next: [number, number] = [
      Math.max(0, Math.min(row, rows.length - 1)),
      Math.max(0, Math.min(column, columns.length - 1)),
    ];
    setActive(next);
    virtual.scrollToIndex(next[0], { align: 'auto' });
    // The row may only be drawn by the scrolling.
    requestAnimationFrame(() =>
      scroller.current
        ?.querySelector<HTMLElement>(`[data-cell="${next[0]}:${next[1]}"]`)
        ?.focus({ preventScroll: true }),
    );
  };
  const toggleMark = (fid: string) => {
    const next = new Set(marked);
    if (!next.delete(fid)) next.add(fid);
    setMarked(next);
  };
  const select = (feature: FeatureAnswer) => {
    shownFor.current = String(feature.id);
    onSelect(feature);
  };
  const activeRow = rows[active[0]];
  const activeField = columns[active[1]];
  const activeValue = activeRow && activeField ? (activeRow.properties[activeField.name] ?? null) : null;
  const condition = (isNot: boolean): FieldCondition | null => {
    if (!activeField?.filterable || activeField.masked || !activeRow) return null;
    if (activeValue === null) return { field: activeField.name, op: isNot ? 'notnull' : 'null', value: null };
    return { field: activeField.name, op: isNot ? '!=' : '=', value: activeValue as string | number | boolean };
  };
  const filterByCell = (isNot: boolean) => {
    const made = condition(isNot);
    if (made !== null) onFilter(made);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const [row, column] = active;
    const steps: Record<string, [number, number]> = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      PageDown: [row + 10, column],
      PageUp: [row - 10, column],
      Home: [event.ctrlKey ? 0 : row, 0],
      End: [event.ctrlKey ? rows.length - 1 : row, columns.length - 1],
    };
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      focusCell(...step);
    } else if (event.key === 'Enter' && activeRow) {
      event.preventDefault();
      select(activeRow);
    } else if (event.key === ' ' && activeRow) {
      event.preventDefault();
      toggleMark(String(activeRow.id));
    } else if (event.key === 'f' || event.key === 'F') {
      event.preventDefault();
      filterByCell(event.shiftKey);
    }
  };

  // Titles and rows scroll sideways together: each is as wide as its columns ask for.
  // The first column is what people call the row: it has room for a name.
  const wide = { minWidth: `${(columns.length + 1) * COLUMN_REM}rem` };
  const template = {
    gridTemplateColumns: `minmax(${2 * COLUMN_REM}rem, 2fr) repeat(${columns.length - 1}, minmax(${COLUMN_REM}rem, 1fr))`,
  };
  const sortedBy = sort?.replace(/^-/, '') ?? null;
  const isDescending = sort?.startsWith('-') === true;
  const taken = marked.size > 0 ? rows.filter(({ id }) => marked.has(String(id))) : rows;
  const cells = (feature: FeatureAnswer, row: number | null) =>
    columns.map((field, column) => (
      <div
        key={field.name}
        role="gridcell"
        aria-colindex={column + 1}
        {...(row === null ? {} : { 'data-cell': `${row}:${column}` })}
        tabIndex={row !== null && row === active[0] && column === active[1] ? 0 : -1}
        className={field.type === 'int' || field.type === 'number' ? 'om-number' : undefined}
        onFocus={() => {
          if (row !== null) setActive([row, column]);
        }}
      >
        {fieldText(field, feature.properties[field.name], lang) || <span className="om-dim">–</span>}
      </div>
    ));

  return (
    <>
      <header className="om-rows-head">
        <h2>{pick(detail.title, lang)}</h2>
        <span role="status" className="om-dim" data-testid="rows-count">
          {matched === null
            ? query.error === null && t('state.loading')
            : t('rows.count', { matched: number(matched, lang), read: number(rows.length, lang) })}
          {marked.size > 0 && ` · ${t('rows.marked', { count: marked.size })}`}
        </span>
        <span className="om-rows-cell">
          {activeRow && activeField && condition(false) !== null && (
            <>
              <button type="button" className="om-link" onClick={() => filterByCell(false)}>
                {t('rows.only', {
                  field: pick(activeField.title, lang),
                  value: fieldText(activeField, activeValue, lang) || t('feature.empty'),
                })}
              </button>
              <button type="button" className="om-link" onClick={() => filterByCell(true)}>
                {t('rows.without')}
              </button>
            </>
          )}
        </span>
        <ColumnChoice
          fields={detail.fields}
          chosen={columns.map(({ name }) => name)}
          lang={lang}
          onChange={(names) => onChange({ ...table, columns: names })}
        />
        <TableActions
          name={table.layer}
          taken={taken.length === matched ? undefined : number(taken.length, lang)}
          rows={() => [
            columns.map(({ title }) => pick(title, lang)),
            ...taken.map(({ properties }) => columns.map(({ name }) => (properties[name] ?? null) as Cell)),
          ]}
        />
        <button type="button" className="om-close" aria-label={t('rows.close')} onClick={() => onChange(null)}>
          ✕
        </button>
      </header>
      {query.error && rows.length === 0 ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div
          className="om-rows-grid"
          ref={scroller}
          role="grid"
          aria-label={t('rows.title')}
          aria-rowcount={matched ?? -1}
          aria-colcount={columns.length}
          aria-busy={isPlaceholderData || query.isFetching}
          data-stale={isPlaceholderData || undefined}
          onKeyDown={onKeyDown}
        >
          <div role="rowgroup" className="om-rows-titles" style={wide}>
            <div role="row" style={template}>
              {columns.map((field) => {
                const isSorted = sortedBy === field.name;
                const title = pick(field.title, lang);
                return (
                  <div
                    role="columnheader"
                    key={field.name}
                    aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : 'none'}
                  >
                    {field.masked ? (
                      <span title={t('feature.masked.help')}>{title}</span>
                    ) : (
                      <button
                        type="button"
                        className="om-link"
                        title={t('rows.sort', { field: title })}
                        onClick={() => {
                          const next = !isSorted ? field.name : isDescending ? null : `-${field.name}`;
                          scroller.current?.scrollTo({ top: 0 });
                          setActive([0, 0]);
                          onChange({ ...table, sort: next });
                        }}
                      >
                        {title} <span aria-hidden="true">{isSorted ? (isDescending ? '▼' : '▲') : ''}</span>
                      </button>
                    )}
                  </div>
                );
              })}
            </div>
          </div>
          {elsewhere.data && (
            <div role="rowgroup" className="om-rows-pinned" style={wide}>
              <div role="row" aria-selected="true" style={template} title={t('rows.pinned')}>
                {cells(elsewhere.data, null)}
              </div>
            </div>
          )}
          <div role="rowgroup" style={{ ...wide, height: virtual.getTotalSize(), position: 'relative' }}>
            {items.map(({ index, start }) => {
              const feature = rows[index];
              if (feature === undefined) return null;
              const fid = String(feature.id);
              return (
                // Keys are those of the grid around it.
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
                <div
                  key={fid}
                  role="row"
                  aria-rowindex={index + 1}
                  aria-selected={fid === selected}
                  data-marked={marked.has(fid) || undefined}
                  style={{ ...template, transform: `translateY(${start}px)` }}
                  onClick={(event) => {
                    if (event.ctrlKey || event.metaKey) toggleMark(fid);
                    else select(feature);
                  }}
                >
                  {cells(feature, index)}
                </div>
              );
            })}
          </div>
          {rows.length === 0 && matched === 0 && <p className="om-state">{t('state.empty')}</p>}
          {rows.length === 0 && matched === null && (
            <p className="om-state" role="status">
              {t('state.loading')}
            </p>
          )}
        </div>
      )}
      {query.error && rows.length > 0 && <Failure error={query.error} onRetry={() => void fetchNextPage()} />}
    </>
  );
}
