import { ActionIcon, MultiSelect, NativeSelect, NumberInput } from '@mantine/core';
import { useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AreaCondition, FilterNode, InsideOf } from '../../filter.ts';
import { pick } from '../../i18n/i18n.ts';
import type { DrawMode } from '../../map/draw-mode.ts';
import { levelOf, placeText } from '../../place-names.ts';
import { areaOf, shapeGeometry, type DrawnShape } from '../../shape.ts';
import { area, length } from '../../time.ts';
import type { Level } from '../../url-state.ts';
import { useFilterContext } from './filter-context.ts';

const KINDS = ['cells', 'drawn', 'circle', 'feature', 'rows', 'outside'] as const;
type Kind = (typeof KINDS)[number];

const LEVELS: readonly Level[] = ['town', 'community', 'grid'];
const DEFAULT_METRES = 300;

export const firstArea: AreaCondition = { cells: { by: 'town', codes: [] } };

function kindOf(node: AreaCondition): Kind {
  if ('cells' in node) return 'cells';
  if ('circle' in node) return 'circle';
  if ('outside' in node) return 'outside';
  if ('inside' in node) return node.inside.fid === undefined ? 'rows' : 'feature';
  return 'drawn';
}

function areaFrom(shape: DrawnShape): AreaCondition | null {
  if (shape.kind === 'circle') return { circle: { centre: [shape.at[0], shape.at[1]], metres: shape.metres } };
  const geometry = shapeGeometry(shape);
  return geometry?.type === 'Polygon' ? { within: geometry } : null;
}

/** A row about where: units of the hierarchy, something drawn, around a feature, in rows of another layer. */
export function AreaRow(props: { node: AreaCondition; onChange: (node: FilterNode) => void; onRemove: () => void }) {
  const { node, onChange, onRemove } = props;
  const { t } = useTranslation();
  const { lang, selection, problemOf, onDraw } = useFilterContext();
  const problem = problemOf(node);
  const kind = kindOf(node);
  // The filter may be changed while something is drawn for it.
  const latest = useRef<((node: FilterNode) => void) | null>(null);
  useLayoutEffect(() => {
    latest.current = onChange;
    return () => {
      latest.current = null;
    };
  }, [onChange]);
  const draw = (mode: DrawMode) =>
    onDraw(mode, (shape) => {
      const drawn = areaFrom(shape);
      if (drawn) (latest.current ?? onChange)(drawn);
    });
  const start = (next: Kind) => {
    if (next === 'cells') onChange(firstArea);
    else if (next === 'outside') onChange({ outside: 'grid' });
    else if (next === 'rows') onChange({ inside: { layer: '', metres: DEFAULT_METRES } });
    else if (next === 'feature') {
      if (selection?.kind !== 'feature') return;
      onChange({ inside: { layer: selection.layer, fid: Number(selection.fid), metres: DEFAULT_METRES } });
    } else draw(next === 'circle' ? 'circle' : 'polygon');
  };
  return (
    <div className="om-condition om-area-row" data-problem={problem ? 'wrong' : undefined}>
      <NativeSelect
        size="xs"
        className="om-condition-wide"
        aria-label={t('filter.area.kind')}
        value={kind}
        data={KINDS.map((value) => ({
          value,
          label: t(`filter.area.${value}`),
          disabled: value === 'feature' && kind !== 'feature' && selection?.kind !== 'feature',
        }))}
        onChange={(event) => start(event.currentTarget.value as Kind)}
      />
      <ActionIcon variant="subtle" color="gray" aria-label={t('filter.remove')} onClick={onRemove}>
        ✕
      </ActionIcon>
      <div className="om-condition-value">
        {'cells' in node && <Cells node={node} onChange={onChange} />}
        {'outside' in node && <LevelSelect value={node.outside} onChange={(outside) => onChange({ outside })} />}
        {'inside' in node && <Inside inside={node.inside} onChange={(inside) => onChange({ inside })} />}
        {('within' in node || 'circle' in node || 'bbox' in node) && (
          <p className="om-drawn">
            <span>
              {'circle' in node && `r = ${length(node.circle.metres, lang)}`}
              {'within' in node && node.within.type === 'Polygon' && areaText(node.within.coordinates)}
              {'within' in node &&
                node.within.type === 'MultiPolygon' &&
                t('filter.area.parts', { count: node.within.coordinates.length })}
              {'bbox' in node && node.bbox.join(', ')}
            </span>
            <button type="button" className="om-link" onClick={() => draw('circle' in node ? 'circle' : 'polygon')}>
              {t('filter.area.redraw')}
            </button>
          </p>
        )}
      </div>
      {problem && (
        <p className="om-problem" role="alert">
          {problem.text}
        </p>
      )}
    </div>
  );

  function areaText(rings: readonly (readonly (readonly number[])[])[]): string {
    const ring = (rings[0] ?? []).slice(0, -1).map(([lng = 0, lat = 0]) => [lng, lat] as const);
    return area(areaOf(ring), lang);
  }
}

function LevelSelect({ value, onChange }: { value: Level; onChange: (level: Level) => void }) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      size="xs"
      aria-label={t('filter.area.level')}
      value={value}
      data={LEVELS.map((level) => ({ value: level, label: t(`level.${level}`) }))}
      onChange={(event) => onChange(event.currentTarget.value as Level)}
    />
  );
}

function Cells(props: {
  node: { cells: { by: Level; codes: readonly string[] } };
  onChange: (node: FilterNode) => void;
}) {
  const { t } = useTranslation();
  const { names, gridCodes } = useFilterContext();
  const { by, codes } = props.node.cells;
  const options =
    by === 'grid'
      ? gridCodes.map((code) => ({ value: code, label: placeText(code, names) }))
      : [...names.entries()].filter(([code]) => levelOf(code) === by).map(([value, label]) => ({ value, label }));
  const known = new Set(options.map(({ value }) => value));
  // A code that is not known (yet) stays to be seen.
  const data = [...options, ...codes.filter((code) => !known.has(code)).map((code) => ({ value: code, label: code }))];
  return (
    <div className="om-area-cells">
      <LevelSelect value={by} onChange={(level) => props.onChange({ cells: { by: level, codes: [] } })} />
      <MultiSelect
        size="xs"
        aria-label={t('filter.area.codes')}
        placeholder={codes.length === 0 ? t('filter.area.choose') : ''}
        data={data}
        value={[...codes]}
        searchable
        limit={60}
        nothingFoundMessage={t('state.empty')}
        onChange={(next) => props.onChange({ cells: { by, codes: next } })}
      />
    </div>
  );
}

function Inside({ inside, onChange }: { inside: InsideOf; onChange: (inside: InsideOf) => void }) {
  const { t } = useTranslation();
  const { catalogue, lang, filterOf } = useFilterContext();
  const { layer, fid, filter, metres = 0 } = inside;
  const title = pick(catalogue.find(({ id }) => id === layer)?.title, lang) || layer;
  const own = filterOf(layer);
  return (
    <>
      {fid === undefined ? (
        <NativeSelect
          size="xs"
          aria-label={t('filter.area.layer')}
          value={layer}
          data={[
            { value: '', label: t('analyse.choose') },
            ...catalogue
              .filter(({ geometry, load }) => geometry !== 'raster' && load !== null)
              .map((item) => ({ value: item.id, label: pick(item.title, lang) })),
          ]}
          onChange={(event) => {
            const { filter: _of, ...rest } = inside;
            onChange({ ...rest, layer: event.currentTarget.value });
          }}
        />
      ) : (
        <p>
          {title} <code>#{fid}</code>
        </p>
      )}
      <NumberInput
        size="xs"
        aria-label={t('tools.metres')}
        suffix={` ${t('filter.area.around')}`}
        min={0}
        max={50_000}
        step={100}
        allowDecimal={false}
        value={metres}
        onChange={(value) => {
          if (typeof value === 'number' && value >= 0 && value <= 50_000) onChange({ ...inside, metres: value });
        }}
      />
      {fid === undefined && layer !== '' && (filter !== undefined || own !== undefined) && (
        <label className="om-check">
          <input
            type="checkbox"
            checked={filter !== undefined}
            onChange={(event) => {
              const { filter: _before, ...rest } = inside;
              onChange(event.currentTarget.checked && own !== undefined ? { ...rest, filter: own } : rest);
            }}
          />
          {t('filter.area.own')}
        </label>
      )}
    </>
  );
}
