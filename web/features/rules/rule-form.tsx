import { Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary, Rule, RuleKind } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import type { PlaceNames } from '../../place-names.ts';
import type { Language } from '../../url-state.ts';
import { AreaField, type AreaFieldProps } from './area-field.tsx';
import { CategoryField } from '../../ui/category-field.tsx';
import { CodeChoice } from '../../ui/code-choice.tsx';
import { useWorkflow } from '../../api/workflow.ts';
import { KINDS, piecesOf } from './rule-draft.ts';
import type { RuleFaults } from './rule-faults.ts';
import { Watch } from './rule-watch.tsx';

export interface RuleFormProps {
  rule: Rule;
  lang: Language;
  names: PlaceNames;
  catalogue: readonly LayerSummary[];
  /** Shown beside the fields. */
  faults: RuleFaults;
  /** What the server refused, with the path of the field. */
  refusal: { field: string; message: string } | null;
  onChange: (rule: Rule) => void;
  onKind: (kind: RuleKind) => void;
  onDraw: AreaFieldProps['onDraw'];
}

/** Any field of any kind of rule: the sentence of a kind has blanks for its own only. */
type Loose = Record<string, unknown>;

/** A rule as a sentence with blanks, and what is common to all rules. */
export function RuleForm(props: RuleFormProps) {
  const { rule, lang, names, catalogue, faults, refusal, onChange, onKind, onDraw } = props;
  const { t } = useTranslation();
  const loose = rule as unknown as Loose;
  const set = (changes: Loose) => onChange({ ...loose, ...changes } as unknown as Rule);
  const setWatch = (watch: Loose) => set({ watch });
  const { data: workflow } = useWorkflow();
  /** What is wrong with a field: our word first, else that of the server. */
  const faultOf = (path: string): string | null => {
    const fault = faults[path];
    if (fault !== undefined) return t(`rules.fault.${fault}`);
    const isRefused = refusal !== null && (refusal.field === path || refusal.field.startsWith(`${path}.`));
    return isRefused ? refusal.message : null;
  };
  const note = (path: string): ReactNode => {
    const text = faultOf(path);
    return text === null ? null : (
      <small className="om-tone-bad" role="alert">
        {text}
      </small>
    );
  };

  const amount = (name: string, options: { unit?: number; isNeeded?: boolean; min?: number; step?: number } = {}) => {
    const { unit = 1, isNeeded = true, min, step = 1 } = options;
    const value = loose[name];
    return (
      <NumberInput
        size="xs"
        className="om-blank"
        aria-label={t(`rules.field.${name}` as 'rules.field.limit')}
        value={typeof value === 'number' && !Number.isNaN(value) ? value / unit : ''}
        error={faultOf(name)}
        {...(min === undefined ? {} : { min })}
        step={step}
        onChange={(next) => {
          if (typeof next === 'number') set({ [name]: unit === 1 ? next : Math.round(next * unit) });
          // What is empty is not what was there before.
          else if (next === '') set({ [name]: isNeeded ? Number.NaN : undefined });
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

  const watched = (
    <Watch
      key={`${rule.kind} ${rule.watch.of}`}
      {...{ rule, lang, names, catalogue, onDraw, note }}
      onChange={setWatch}
    />
  );
  const fence = rule.kind === 'geofence' && (
    <>
      <AreaField
        isNeeded
        area={rule.area}
        names={names}
        onChange={(area) => set({ area: area ?? {} })}
        onDraw={onDraw}
      />
      {note('area')}
    </>
  );
  const openStages = workflow?.stages.filter(({ state }) => state === 'open') ?? [];
  const stages = rule.kind === 'deadline' && (
    <>
      <NativeSelect
        size="xs"
        aria-label={t('rules.field.stages')}
        value={rule.stages === undefined ? 'any' : 'some'}
        data={(['any', 'some'] as const).map((value) => ({ value, label: t(`rules.stages.${value}`) }))}
        onChange={(event) => set({ stages: event.currentTarget.value === 'any' ? undefined : [] })}
      />
      {rule.stages !== undefined && (
        <span className="om-rule-stages" role="group" aria-label={t('rules.field.stages')}>
          {openStages.map(({ id, title }) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={rule.stages?.includes(id) ?? false}
                onChange={({ target }) =>
                  set({
                    stages: target.checked
                      ? [...(rule.stages ?? []), id]
                      : (rule.stages ?? []).filter((stage) => stage !== id),
                  })
                }
              />{' '}
              {pick(title, lang)}
            </label>
          ))}
        </span>
      )}
      {note('stages')}
    </>
  );
  const cells = rule.kind === 'absence' && rule.per !== 'all' && (
    <>
      <NativeSelect
        size="xs"
        aria-label={t('rules.field.cells')}
        value={rule.cells === undefined ? 'all' : 'some'}
        data={(['all', 'some'] as const).map((value) => ({ value, label: t(`rules.cells.${value}`) }))}
        onChange={(event) =>
          set({ cells: event.currentTarget.value === 'all' ? undefined : { by: rule.per, codes: [] } })
        }
      />
      {rule.cells !== undefined && (
        <CodeChoice
          level={rule.per}
          codes={rule.cells.codes}
          names={names}
          onChange={(codes) => set({ cells: { by: rule.per, codes } })}
        />
      )}
      {note('cells')}
    </>
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
      <p className="om-rule-sentence">
        {piecesOf(t(`rules.sentence.${rule.kind}`)).map(({ text, blank }, index) => (
          <span key={index}>
            {blank === null
              ? text
              : (({ area: fence, watch: watched, stages, cells } as Record<string, ReactNode>)[blank] ??
                blanks[blank]?.() ??
                null)}
          </span>
        ))}
      </p>
      <div className="om-rule-pair">
        {(['zh', 'en'] as const).map((each) => (
          <TextInput
            key={each}
            size="xs"
            label={t(`rules.name.${each}`)}
            error={faultOf(`name.${each}`)}
            value={rule.name[each]}
            onChange={(event) => set({ name: { ...rule.name, [each]: event.currentTarget.value } })}
          />
        ))}
        {(['zh', 'en'] as const).map((each) => (
          <TextInput
            key={each}
            size="xs"
            label={t(`rules.alarmTitle.${each}`)}
            error={faultOf(`title.${each}`)}
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
          error={faultOf('coolDown')}
          min={0}
          value={Number.isNaN(rule.coolDown) ? '' : rule.coolDown / 60}
          onChange={(next) => {
            if (typeof next === 'number') set({ coolDown: Math.round(next * 60) });
            else if (next === '') set({ coolDown: Number.NaN });
          }}
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
              error={faultOf(`quiet.${end}`)}
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
        <div className="om-rule-pair">
          <div>
            <CategoryField
              label={t('rules.field.category')}
              lang={lang}
              isInvalid={faultOf('opens.category') !== null}
              value={rule.opens.category}
              onChange={(category) => set({ opens: { ...rule.opens, category } })}
            />
            {note('opens.category')}
          </div>
          <NativeSelect
            size="xs"
            label={t('rules.field.opensSeverity')}
            value={String(rule.opens.severity)}
            data={([1, 2, 3, 4, 0] as const).map((value) => ({ value: String(value), label: t(`severity.${value}`) }))}
            onChange={(event) => set({ opens: { ...rule.opens, severity: Number(event.currentTarget.value) } })}
          />
        </div>
      )}
      {note('opens')}
    </form>
  );
}
