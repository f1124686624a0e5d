import { Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary, Rule, RuleKind } from '../../../server/app.ts';
import { useSensorLayers } from '../../alarms.ts';
import { pick } from '../../i18n/i18n.ts';
import type { PlaceNames } from '../../place-names.ts';
import type { Language } from '../../url-state.ts';
import { AreaField, type AreaFieldProps } from './area-field.tsx';
import { KINDS, piecesOf, readFilter, writeFilter } from './rule-draft.ts';

export interface RuleFormProps {
  rule: Rule;
  lang: Language;
  names: PlaceNames;
  catalogue: readonly LayerSummary[];
  onChange: (rule: Rule) => void;
  onKind: (kind: RuleKind) => void;
  onDraw: AreaFieldProps['onDraw'];
}

/** Any field of any kind of rule: the sentence of a kind has blanks for its own only. */
type Loose = Record<string, unknown>;

/** A rule as a sentence with blanks, and what is common to all rules. */
export function RuleForm({ rule, lang, names, catalogue, onChange, onKind, onDraw }: RuleFormProps) {
  const { t } = useTranslation();
  const loose = rule as unknown as Loose;
  const set = (changes: Loose) => onChange({ ...loose, ...changes } as unknown as Rule);
  const setWatch = (watch: Loose) => set({ watch });

  const amount = (name: string, options: { unit?: number; isNeeded?: boolean; min?: number; step?: number } = {}) => {
    const { unit = 1, isNeeded = true, min, step = 1 } = options;
    const value = loose[name];
    return (
      <NumberInput
        size="xs"
        className="om-blank"
        aria-label={t(`rules.field.${name}` as 'rules.field.limit')}
        value={typeof value === 'number' ? value / unit : ''}
        {...(min === undefined ? {} : { min })}
        step={step}
        onChange={(next) => {
          if (typeof next === 'number') set({ [name]: unit === 1 ? next : Math.round(next * unit) });
          else if (!isNeeded) set({ [name]: undefined });
        }}
      />
    );
  };
  const minutes = (name: string, isNeeded = true) => amount(name, { unit: 60, min: 0, isNeeded });
  const choice = (name: string, values: readonly string[], more: (value: string) => Loose = () => ({})) => (
    <NativeSelect
      size="xs"
      className="om-blank"
      aria-label={t(`rules.field.${name}` as 'rules.field.is')}
      value={String(loose[name])}
      data={values.map((value) => ({ value, label: t(`rules.value.${value}` as 'rules.value.above') }))}
      onChange={(event) => set({ [name]: event.currentTarget.value, ...more(event.currentTarget.value) })}
    />
  );

  const blanks: Record<string, () => ReactNode> = {
    is: () => choice('is', rule.kind === 'rate' ? ['rise', 'fall'] : ['above', 'below'], () => ({ clear: undefined })),
    limit: () => amount('limit', { step: 0.1 }),
    clear: () => amount('clear', { step: 0.1, isNeeded: false }),
    by: () => amount('by', { step: 0.1, min: 0 }),
    hold: () => minutes('hold'),
    clearHold: () => minutes('clearHold'),
    within: () => minutes('within'),
    after: () => minutes('after', rule.kind !== 'deadline'),
    sensors: () => amount('sensors', { min: 2 }),
    count: () => amount('count', { min: 2 }),
    dwell: () => (rule.kind === 'geofence' && rule.on === 'dwell' ? minutes('dwell') : null),
    on: () =>
      choice('on', rule.watch.of === 'incidents' ? ['enter', 'dwell'] : ['enter', 'exit', 'dwell'], (on) => ({
        dwell: on === 'dwell' ? 600 : undefined,
      })),
    per: () =>
      choice('per', ['grid', 'community', 'town', 'all', ...(rule.kind === 'burst' ? ['near'] : [])], (per) =>
        rule.kind === 'burst' ? { metres: per === 'near' ? 300 : undefined } : { cells: undefined },
      ),
    metres: () => (rule.kind === 'burst' && rule.per === 'near' ? amount('metres', { min: 1, step: 50 }) : null),
  };

  const watched = <Watch {...{ rule, lang, names, catalogue, onDraw }} onChange={setWatch} />;
  const fence = rule.kind === 'geofence' && (
    <AreaField isNeeded area={rule.area} names={names} onChange={(area) => set({ area: area ?? {} })} onDraw={onDraw} />
  );

  return (
    <form className="om-rule-form" onSubmit={(event) => event.preventDefault()} data-testid="rule-form">
      <NativeSelect
        size="sm"
        label={t('rules.field.kind')}
        value={rule.kind}
        data={KINDS.map((value) => ({ value, label: t(`rules.kind.${value}`) }))}
        onChange={(event) => onKind(event.currentTarget.value as RuleKind)}
      />
      <p className="om-sentence">
        {piecesOf(t(`rules.sentence.${rule.kind}`)).map(({ text, blank }, index) => (
          <span key={index}>
            {blank === null
              ? text
              : blank === 'area'
                ? fence
                : blank === 'watch'
                  ? watched
                  : (blanks[blank]?.() ?? null)}
          </span>
        ))}
      </p>
      <div className="om-rule-pair">
        {(['zh', 'en'] as const).map((each) => (
          <TextInput
            key={each}
            size="xs"
            label={t(`rules.name.${each}`)}
            value={rule.name[each]}
            onChange={(event) => set({ name: { ...rule.name, [each]: event.currentTarget.value } })}
          />
        ))}
        {(['zh', 'en'] as const).map((each) => (
          <TextInput
            key={each}
            size="xs"
            label={t(`rules.alarmTitle.${each}`)}
            description={each === 'zh' ? t('rules.titleHelp') : ' '}
            value={rule.title[each]}
            onChange={(event) => set({ title: { ...rule.title, [each]: event.currentTarget.value } })}
          />
        ))}
        <NativeSelect
          size="xs"
          label={t('rules.field.severity')}
          value={String(rule.severity)}
          data={([1, 2, 3, 4] as const).map((value) => ({ value: String(value), label: t(`severity.${value}`) }))}
          onChange={(event) => set({ severity: Number(event.currentTarget.value) })}
        />
        <NumberInput
          size="xs"
          label={t('rules.field.coolDown')}
          min={0}
          value={rule.coolDown / 60}
          onChange={(next) => typeof next === 'number' && set({ coolDown: Math.round(next * 60) })}
        />
      </div>
      <Checkbox
        size="xs"
        label={t('rules.field.quiet')}
        checked={rule.quiet !== undefined}
        onChange={(event) => set({ quiet: event.currentTarget.checked ? { from: '22:00', to: '06:00' } : undefined })}
      />
      {rule.quiet && (
        <div className="om-rule-pair">
          {(['from', 'to'] as const).map((end) => (
            <TextInput
              key={end}
              size="xs"
              type="time"
              label={t(`rules.quiet.${end}`)}
              value={rule.quiet?.[end] ?? ''}
              onChange={(event) => set({ quiet: { ...rule.quiet, [end]: event.currentTarget.value } })}
            />
          ))}
        </div>
      )}
      <Checkbox
        size="xs"
        label={t('rules.field.opens')}
        checked={rule.opens !== undefined}
        onChange={(event) =>
          set({ opens: event.currentTarget.checked ? { category: 'Z0902', severity: rule.severity } : undefined })
        }
      />
      {rule.opens && (
        <TextInput
          size="xs"
          label={t('rules.field.category')}
          value={rule.opens.category}
          onChange={(event) => set({ opens: { ...rule.opens, category: event.currentTarget.value } })}
        />
      )}
    </form>
  );
}

/** Who or what the rule watches. */
function Watch({
  rule,
  lang,
  names,
  catalogue,
  onChange,
  onDraw,
}: Omit<RuleFormProps, 'onChange' | 'onKind'> & { onChange: (watch: Loose) => void }) {
  const { t } = useTranslation();
  const layers = useSensorLayers();
  const { watch } = rule;
  const kinds =
    rule.kind === 'silence'
      ? ['sensors', 'sources']
      : rule.kind === 'geofence' || rule.kind === 'absence'
        ? ['incidents', 'positions']
        : [watch.of];
  const moving = catalogue.filter(({ id }) => id.endsWith('_position'));
  const first = (of: string): Loose => {
    if (of === 'sources') return { of, sources: ['12345'] };
    if (of === 'positions') return { of, layer: moving[0]?.id ?? 'patrol_position', delay: 60 };
    if (of === 'sensors') return { of, layer: 'water_level_station', metric: 'level_m', delay: 60 };
    return { of };
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
      {watch.of === 'sensors' &&
        (watch.ids === undefined ? (
          <>
            <NativeSelect
              size="xs"
              aria-label={t('rules.field.layer')}
              value={watch.layer ?? ''}
              data={(layers.data ?? []).map(({ id, title }) => ({ value: id, label: pick(title, lang) }))}
              onChange={(event) => {
                const layer = layers.data?.find(({ id }) => id === event.currentTarget.value);
                if (layer)
                  onChange({ ...watch, layer: layer.id, metric: layer.metrics[0]?.name ?? '', filter: undefined });
              }}
            />
            <NativeSelect
              size="xs"
              aria-label={t('rules.field.metric')}
              value={watch.metric}
              data={(layers.data?.find(({ id }) => id === watch.layer)?.metrics ?? []).map(({ name, title, unit }) => ({
                value: name,
                label: unit ? `${pick(title, lang)} (${unit})` : pick(title, lang),
              }))}
              onChange={(event) => onChange({ ...watch, metric: event.currentTarget.value })}
            />
            <AreaField
              area={watch.filter ?? null}
              names={names}
              onChange={(area) => onChange({ ...watch, filter: area ?? undefined })}
              onDraw={onDraw}
            />
          </>
        ) : (
          <b>{t('rules.named', { count: watch.ids.length })}</b>
        ))}
      {watch.of === 'positions' && (
        <NativeSelect
          size="xs"
          aria-label={t('rules.field.layer')}
          value={watch.layer}
          data={moving.map(({ id, title }) => ({ value: id, label: pick(title, lang) }))}
          onChange={(event) => onChange({ ...watch, layer: event.currentTarget.value })}
        />
      )}
      {watch.of === 'sources' && (
        <TextInput
          size="xs"
          aria-label={t('rules.field.sources')}
          value={watch.sources.join(' ')}
          onChange={(event) =>
            onChange({ ...watch, sources: event.currentTarget.value.split(/[\s,]+/).filter((source) => source !== '') })
          }
        />
      )}
      {watch.of === 'incidents' && <Incidents {...{ names, onDraw, onChange }} filter={watch.filter} />}
    </span>
  );
}

function Incidents({
  filter,
  names,
  onChange,
  onDraw,
}: {
  filter: Record<string, unknown> | undefined;
  names: PlaceNames;
  onChange: (watch: Loose) => void;
  onDraw: AreaFieldProps['onDraw'];
}) {
  const { t } = useTranslation();
  const parts = readFilter(filter);
  if (parts === null) return <code>{JSON.stringify(filter)}</code>;
  const write = (next: typeof parts) => onChange({ of: 'incidents', filter: writeFilter(next) });
  return (
    <>
      <TextInput
        size="xs"
        aria-label={t('rules.field.categories')}
        placeholder={t('rules.anyCategory')}
        value={parts.categories.join(' ')}
        onChange={(event) => {
          const categories = event.currentTarget.value.split(/[\s,]+/).filter((code) => code !== '');
          write({ ...parts, categories });
        }}
      />
      <AreaField area={parts.area} names={names} onChange={(area) => write({ ...parts, area })} onDraw={onDraw} />
    </>
  );
}
