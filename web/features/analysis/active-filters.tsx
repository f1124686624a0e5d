import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { useLayerDetails } from '../../api/layers.ts';
import { groupOf, nodeOf, readNode, toFilter, type FilterNode } from '../../filter.ts';
import { pick } from '../../i18n/i18n.ts';
import type { PlaceNames } from '../../place-names.ts';
import type { Language } from '../../url-state.ts';
import { describeFilter } from './describe-filter.ts';

export interface ActiveFiltersProps {
  filters: Readonly<Record<string, FilterNode>>;
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
  lang: Language;
  onChange: (layer: string, tree: FilterNode | undefined) => void;
  /** Brings the filter of a layer to the form. */
  onOpen: (layer: string) => void;
}

/** What is filtered at the moment, layer by layer, each condition to be taken away. */
export function ActiveFilters({ filters, catalogue, names, lang, onChange, onOpen }: ActiveFiltersProps) {
  const { t } = useTranslation();
  const active = Object.entries(filters).filter(([, tree]) => toFilter(tree) !== null);
  const details = useLayerDetails(active.map(([id]) => id));
  if (active.length === 0) return null;
  return (
    <ul className="om-active-filters" aria-label={t('filter.active')}>
      {active.map(([id, tree]) => {
        const title = pick(catalogue.find((layer) => layer.id === id)?.title, lang) || id;
        const fields = details.find((detail) => detail.id === id)?.fields ?? [];
        const words = { t, lang, fields, catalogue, names };
        const { join, of } = groupOf(tree);
        // Conditions that must all hold stand side by side; any other group is one thing.
        const parts = join === 'all' ? of : [tree];
        return (
          <li key={id} className="om-filter-chips">
            <button type="button" className="om-link" onClick={() => onOpen(id)}>
              {title}
            </button>
            {parts.map((part, index) => {
              // What is half written is not asked for, and is not told.
              const asked = readNode(toFilter(part));
              if (asked === null) return null;
              const text = describeFilter(asked, words);
              return (
                <span className="om-filter-chip" key={index}>
                  <span title={text}>{text}</span>
                  <button
                    type="button"
                    aria-label={t('filter.removeOf', { condition: text })}
                    onClick={() => {
                      const rest = parts.filter((_, other) => other !== index);
                      onChange(id, rest.length === 0 ? undefined : nodeOf({ join, of: rest }));
                    }}
                  >
                    ✕
                  </button>
                </span>
              );
            })}
          </li>
        );
      })}
    </ul>
  );
}
