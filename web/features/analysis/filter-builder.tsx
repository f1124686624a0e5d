import { ActionIcon, NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { groupOf, isField, isGroup, JOINS, nodeOf, type FilterNode, type Join } from '../../filter.ts';
import { AreaRow, firstArea } from './area-row.tsx';
import { ConditionRow, firstCondition } from './condition-row.tsx';
import { useFilterContext } from './filter-context.ts';

/** Groups within groups: deeper than this nobody can follow. */
const DEEPEST_GROUP = 4;

export interface FilterBuilderProps {
  tree: FilterNode | undefined;
  onChange: (tree: FilterNode | undefined) => void;
  depth?: number;
  /** Takes the group out of the one around it; the outermost has none. */
  onRemove?: () => void;
}

/** A group of conditions: fields, areas and further groups, and how they are joined. */
export function FilterBuilder({ tree, onChange, depth = 1, onRemove }: FilterBuilderProps) {
  const { t } = useTranslation();
  const { fields, layer, problemOf } = useFilterContext();
  const { join, of } = groupOf(tree);
  const set = (next: readonly FilterNode[], nextJoin: Join = join) =>
    onChange(next.length === 0 && depth === 1 ? undefined : nodeOf({ join: nextJoin, of: next }));
  const add = (node: FilterNode) => set([...of, node]);
  const [first] = fields;
  // Tables have places too: those of the address or the row they refer to.
  const canBePlaced = layer.geometry !== 'raster';
  const problem = tree === undefined || !isGroup(tree) ? null : problemOf(tree);
  return (
    <div className="om-filter" role="group" aria-label={depth === 1 ? t('filter.title') : t('filter.group')}>
      {(depth > 1 || of.length > 1 || join !== 'all') && (
        <div className="om-filter-join">
          <NativeSelect
            size="xs"
            aria-label={t('filter.join')}
            value={join}
            data={JOINS.map((value) => ({ value, label: t(`filter.join.${value}`) }))}
            onChange={(event) => set(of, event.currentTarget.value as Join)}
          />
          {onRemove && (
            <ActionIcon variant="subtle" color="gray" aria-label={t('filter.removeGroup')} onClick={onRemove}>
              ✕
            </ActionIcon>
          )}
        </div>
      )}
      {of.map((node, index) => {
        const replace = (next: FilterNode) => set(of.with(index, next));
        const remove = () => set(of.filter((_, other) => other !== index));
        if (isGroup(node)) {
          return (
            <FilterBuilder
              key={index}
              tree={node}
              depth={depth + 1}
              onChange={(next) => (next === undefined ? remove() : replace(next))}
              onRemove={remove}
            />
          );
        }
        return isField(node) ? (
          <ConditionRow key={index} node={node} onChange={replace} onRemove={remove} />
        ) : (
          <AreaRow key={index} node={node} onChange={replace} onRemove={remove} />
        );
      })}
      {problem && (
        <p className="om-problem" role="alert">
          {problem.text}
        </p>
      )}
      <div className="om-actions">
        {first && (
          <button type="button" className="om-button" onClick={() => add(firstCondition(first))}>
            + {t('filter.add')}
          </button>
        )}
        {canBePlaced && (
          <button type="button" className="om-button" onClick={() => add(firstArea)}>
            + {t('filter.addArea')}
          </button>
        )}
        {depth < DEEPEST_GROUP && first && (
          <button type="button" className="om-button" onClick={() => add({ or: [firstCondition(first)] })}>
            + {t('filter.addGroup')}
          </button>
        )}
      </div>
    </div>
  );
}
