import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Aggregate, LayerDetail, LayerSummary } from '../../../server/app.ts';
import { useAggregate, useWrittenFilter } from '../../api/counts.ts';
import { ApiError } from '../../api/request.ts';
import { complete, nodeAt, type FilterNode } from '../../filter.ts';
import type { DrawMode } from '../../map/draw-mode.ts';
import type { PlaceNames } from '../../place-names.ts';
import type { DrawnShape } from '../../shape.ts';
import { number } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import type { Language, Selection } from '../../url-state.ts';
import { Cql2Box } from './cql2-box.tsx';
import { FilterBuilder } from './filter-builder.tsx';
import { FilterBuilderContext, type FilterContext } from './filter-context.ts';

/** Steps that can be taken back. */
const MOST_STEPS = 50;

export interface FilterSectionProps {
  layer: LayerDetail;
  tree: FilterNode | undefined;
  filters: Readonly<Record<string, FilterNode>>;
  selection: Selection | null;
  at: string | null;
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
  gridCodes: readonly string[];
  lang: Language;
  onChange: (tree: FilterNode | undefined) => void;
  onDraw: (mode: DrawMode, done: (shape: DrawnShape) => void) => void;
  onTable: () => void;
}

/** The filter of a layer: as a form and as CQL2 text, with how many rows it finds and what is wrong with it. */
export function FilterSection(props: FilterSectionProps) {
  const { layer, tree, filters, selection, at, catalogue, names, gridCodes, lang, onChange, onDraw, onTable } = props;
  const { t } = useTranslation();
  const { filter, places } = useMemo(() => complete(tree), [tree]);
  const written = useWrittenFilter(layer.id, filter, at);
  const found = useAggregate(layer.id, { filter, at });
  // How many there were on an earlier day is another number than how many there are.
  const past = useAggregate(at === null ? null : layer.id, { filter: null, at });
  // Names change their identity as boundaries load; the steps are only of what was done here.
  const steps = useRef<(FilterNode | undefined)[]>([]);
  const [hasSteps, setHasSteps] = useState(false);

  // A button that takes itself away would take the focus with it, and Ctrl+Z would come to nothing.
  const section = useRef<HTMLElement>(null);
  const hadFocus = useRef(false);
  useEffect(() => {
    if (hadFocus.current && document.activeElement === document.body) section.current?.focus({ preventScroll: true });
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- buttons come and go with these
  }, [tree, hasSteps]);

  const change = (next: FilterNode | undefined) => {
    hadFocus.current = section.current?.contains(document.activeElement) === true;
    steps.current = [...steps.current.slice(1 - MOST_STEPS), tree];
    setHasSteps(true);
    onChange(next);
  };
  const undo = () => {
    if (steps.current.length === 0) return;
    hadFocus.current = true;
    const before = steps.current.at(-1);
    steps.current = steps.current.slice(0, -1);
    setHasSteps(steps.current.length > 0);
    onChange(before);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isText = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
    if (isText || event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    undo();
  };

  const error = written.error instanceof ApiError && written.error.code === 'FILTER_INVALID' ? written.error : null;
  const wrong = error?.field ? nodeAt(places, error.field) : null;
  const refusal = written.isPlaceholderData || error ? null : (written.data?.rowsRefused ?? null);
  const refused = refusal === null ? null : nodeAt(places, refusal.field);
  const context: FilterContext = {
    layer,
    fields: layer.fields.filter(({ filterable }) => filterable),
    catalogue,
    names,
    gridCodes,
    lang,
    selection,
    filterOf: (id) => filters[id],
    onDraw,
    problemOf: (node) => {
      if (error !== null && node === wrong)
        return { text: t('filter.wrong', { reason: error.message }), isRefusal: false };
      if (refusal !== null && node === refused)
        return { text: t('filter.refused', { reason: refusal.message }), isRefusal: true };
      return null;
    },
  };
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label={t('filter.title')}
      className="om-filter-section"
      onKeyDown={onKeyDown}
    >
      <div className="om-filter-head">
        <h3>{t('filter.title')}</h3>
        <Hits
          answer={found.data}
          isStale={found.isPlaceholderData}
          isWrong={found.error !== null}
          all={at === null ? layer.count : (past.data?.total ?? null)}
          lang={lang}
        />
      </div>
      {context.fields.length === 0 && <p className="om-dim">{t('filter.noFields')}</p>}
      <FilterBuilderContext value={context}>
        <FilterBuilder tree={tree} onChange={change} />
      </FilterBuilderContext>
      {/* What no condition can be blamed for. */}
      {error !== null && wrong === null && (
        <p className="om-problem" role="alert">
          {t('filter.wrong', { reason: error.message })}
        </p>
      )}
      {written.error && error === null && <Failure error={written.error} onRetry={() => void written.refetch()} />}
      <div className="om-actions">
        {tree !== undefined && (
          <button type="button" className="om-button" onClick={() => change(undefined)}>
            {t('filter.clear')}
          </button>
        )}
        {hasSteps && (
          <button type="button" className="om-button" onClick={undo}>
            {t('filter.undo')}
          </button>
        )}
        <button type="button" className="om-button" onClick={onTable}>
          {t('rows.open')}
        </button>
      </div>
      <Cql2Box
        layer={layer.id}
        at={at}
        written={error || written.isPlaceholderData ? undefined : written.data?.cql2}
        onChange={change}
      />
    </section>
  );
}

/** How many rows are found, of how many. */
function Hits(props: {
  answer: Aggregate | undefined;
  isStale: boolean;
  isWrong: boolean;
  all: number | null;
  lang: Language;
}) {
  const { answer, isStale, isWrong, all, lang } = props;
  const { t } = useTranslation();
  return (
    <span className="om-hits" role="status" data-stale={isStale || undefined} data-testid="filter-hits">
      {isWrong
        ? '–'
        : answer === undefined
          ? t('state.loading')
          : answer.total === null
            ? t('tools.under', { k: answer.suppressed.k })
            : t('filter.hits', { found: number(answer.total, lang), all: number(all, lang) })}
    </span>
  );
}
