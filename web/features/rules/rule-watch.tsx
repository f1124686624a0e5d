import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary, Rule } from '../../../server/app.ts';
import { useSensorLayers } from '../../alarms.ts';
import { useLayerDetail } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import { inBoth } from '../../i18n/in-both.ts';
import { CategoryChoice } from '../../ui/category-choice.tsx';
import type { PlaceNames } from '../../place-names.ts';
import type { Language } from '../../url-state.ts';
import { AreaField, type AreaFieldProps } from './area-field.tsx';
import { ConditionRows, type ConditionField } from './condition-rows.tsx';
import { FilterText } from './filter-text.tsx';
import { readFilter, writeFilter } from './rule-draft.ts';
import { SensorChoice } from './sensor-choice.tsx';

type Loose = Record<string, unknown>;

/** What may be asked of incidents (`server/rules/watched-fields.ts`), the category aside. */
const INCIDENT_FIELDS: readonly ConditionField[] = (
  [
    ['severity', 'int'],
    ['source', 'string'],
    ['title', 'string'],
    ['stage', 'string'],
    ['state', 'string'],
    ['department', 'string'],
    ['reports', 'int'],
  ] as const
).map(([name, type]) => ({ name, type, title: inBoth(`rules.incident.${name}`) }));

interface WatchProps {
  rule: Rule;
  lang: Language;
  names: PlaceNames;
  catalogue: readonly LayerSummary[];
  onChange: (watch: Loose) => void;
  onDraw: AreaFieldProps['onDraw'];
  /** What is wrong with a field of it, as a note beside it. */
  note: (path: string) => ReactNode;
}

/** Who or what the rule watches. */
export function Watch({ rule, lang, names, catalogue, onChange, onDraw, note }: WatchProps) {
  const { t } = useTranslation();
  const layers = useSensorLayers();
  const { watch } = rule;
  // Sensors that are named say nothing of the layer they are looked for in.
  const [listed, setListed] = useState(() =>
    watch.of === 'sensors'
      ? (watch.layer ?? watch.ids?.[0]?.split(':')[0] ?? 'water_level_station')
      : 'water_level_station',
  );
  const kinds =
    rule.kind === 'silence'
      ? ['sensors', 'sources']
      : rule.kind === 'geofence' || rule.kind === 'absence'
        ? ['incidents', 'positions']
        : [watch.of];
  const moving = catalogue.filter(({ moving: is, id }) => is !== null || id.endsWith('_position'));
  const first = (of: string): Loose => {
    if (of === 'sources') return { of, sources: ['12345'] };
    if (of === 'positions') return { of, layer: moving[0]?.id ?? 'patrol_position', delay: 60 };
    if (of === 'sensors') return { of, layer: 'water_level_station', metric: 'level_m', delay: 60 };
    return { of };
  };
  const metricsOf = (id: string | undefined) => layers.data?.find((layer) => layer.id === id)?.metrics ?? [];
  const toLayer = (id: string) => {
    const metric = metricsOf(id)[0]?.name ?? '';
    setListed(id);
    if (watch.of !== 'sensors') return;
    onChange(watch.ids === undefined ? { ...watch, layer: id, metric, filter: undefined } : { ...watch, metric });
  };
  return (
    <span className="om-rule-watch">
      {kinds.length > 1 && (
        <NativeSelect
          size="xs"
          aria-label={t('rules.field.watch')}
          value={watch.of}
          data={kinds.map((value) => ({ value, label: t(`rules.of.${value}` as 'rules.of.sensors') }))}
          onChange={(event) => onChange(first(event.currentTarget.value))}
        />
      )}
      {watch.of === 'sensors' && (
        <>
          <NativeSelect
            size="xs"
            aria-label={t('rules.field.layer')}
            value={watch.layer ?? listed}
            data={(layers.data ?? []).map(({ id, title }) => ({ value: id, label: pick(title, lang) }))}
            onChange={(event) => toLayer(event.currentTarget.value)}
          />
          <NativeSelect
            size="xs"
            aria-label={t('rules.field.metric')}
            value={watch.metric}
            data={metricsOf(watch.layer ?? listed).map(({ name, title, unit }) => ({
              value: name,
              label: unit ? `${pick(title, lang)} (${unit})` : pick(title, lang),
            }))}
            onChange={(event) => onChange({ ...watch, metric: event.currentTarget.value })}
          />
          <NativeSelect
            size="xs"
            aria-label={t('rules.sensors.which')}
            value={watch.ids === undefined ? 'all' : 'named'}
            data={(['all', 'named'] as const).map((value) => ({ value, label: t(`rules.sensors.${value}`) }))}
            onChange={(event) => {
              const { layer: _, filter: __, ids: ___, ...rest } = watch;
              setListed(watch.layer ?? listed);
              onChange(
                event.currentTarget.value === 'named'
                  ? { ...rest, ids: [] }
                  : { ...rest, layer: watch.layer ?? listed },
              );
            }}
          />
          {watch.ids !== undefined ? (
            <SensorChoice layer={listed} ids={watch.ids} onChange={(ids) => onChange({ ...watch, ids })} />
          ) : (
            <SensorFilter
              {...{ names, lang, onDraw }}
              layer={watch.layer ?? ''}
              filter={watch.filter}
              onChange={(filter) => onChange({ ...watch, filter })}
            />
          )}
          {note('watch.ids')}
          {note('watch.layer')}
        </>
      )}
      {watch.of === 'positions' && (
        <>
          <NativeSelect
            size="xs"
            aria-label={t('rules.field.layer')}
            value={watch.layer}
            data={moving.map(({ id, title }) => ({ value: id, label: pick(title, lang) }))}
            onChange={(event) => onChange({ ...watch, layer: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            aria-label={t('rules.field.vehicles')}
            placeholder={t('rules.anyVehicle')}
            defaultValue={watch.vehicles?.join(' ') ?? ''}
            onChange={(event) => {
              const vehicles = event.currentTarget.value.split(/[\s,]+/).filter((id) => id !== '');
              onChange({ ...watch, vehicles: vehicles.length === 0 ? undefined : vehicles });
            }}
          />
        </>
      )}
      {(watch.of === 'sensors' || watch.of === 'positions') && (
        <label className="om-rule-delay">
          {t('rules.field.delay')}{' '}
          <NumberInput
            size="xs"
            className="om-blank"
            aria-label={t('rules.field.delay')}
            min={0}
            max={3600}
            value={Number.isNaN(watch.delay) ? '' : watch.delay}
            onChange={(next) => {
              if (typeof next === 'number') onChange({ ...watch, delay: Math.round(next) });
              else if (next === '') onChange({ ...watch, delay: Number.NaN });
            }}
          />
          {note('watch.delay')}
        </label>
      )}
      {watch.of === 'sources' && (
        <>
          <TextInput
            size="xs"
            aria-label={t('rules.field.sources')}
            defaultValue={watch.sources.join(' ')}
            onChange={(event) =>
              onChange({
                ...watch,
                sources: event.currentTarget.value.split(/[\s,]+/).filter((source) => source !== ''),
              })
            }
          />
          {note('watch.sources')}
        </>
      )}
      {watch.of === 'incidents' && (
        <Incidents
          {...{ names, lang, onDraw }}
          filter={watch.filter}
          onChange={(filter) => onChange({ of: 'incidents', filter })}
        />
      )}
      {note('watch.filter')}
    </span>
  );
}

interface PartProps {
  filter: Loose | undefined;
  names: PlaceNames;
  lang: Language;
  onChange: (filter: Loose | undefined) => void;
  onDraw: AreaFieldProps['onDraw'];
}

/** Which sensors of a layer: in an area, with conditions on what the layer says of them. */
function SensorFilter({ layer, filter, names, lang, onChange, onDraw }: PartProps & { layer: string }) {
  const { data } = useLayerDetail(layer === '' ? null : layer);
  const parts = readFilter(filter, null);
  if (parts === null) return <FilterText filter={filter} onChange={onChange} />;
  const fields = (data?.fields ?? []).filter(({ filterable }) => filterable);
  const write = (changes: Partial<typeof parts>) => onChange(writeFilter({ ...parts, ...changes }));
  return (
    <>
      <AreaField area={parts.area} names={names} onChange={(area) => write({ area })} onDraw={onDraw} />
      <ConditionRows rows={parts.rows} {...{ fields, lang }} onChange={(rows) => write({ rows })} />
    </>
  );
}

function Incidents({ filter, names, lang, onChange, onDraw }: PartProps) {
  const { t } = useTranslation();
  const parts = readFilter(filter, 'category');
  if (parts === null) return <FilterText filter={filter} onChange={onChange} />;
  const write = (changes: Partial<typeof parts>) => onChange(writeFilter({ ...parts, ...changes }));
  return (
    <>
      <CategoryChoice
        label={t('rules.field.categories')}
        placeholder={parts.categories.length === 0 ? t('rules.anyCategory') : t('category.more')}
        isWhole
        codes={parts.categories}
        lang={lang}
        onChange={(categories) => write({ categories })}
      />
      <AreaField area={parts.area} names={names} onChange={(area) => write({ area })} onDraw={onDraw} />
      <ConditionRows rows={parts.rows} fields={INCIDENT_FIELDS} lang={lang} onChange={(rows) => write({ rows })} />
    </>
  );
}
