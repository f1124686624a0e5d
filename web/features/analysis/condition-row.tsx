import { ActionIcon, Autocomplete, MultiSelect, NativeSelect, TagsInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFieldValues } from '../../api/counts.ts';
import type { Field } from '../../field-text.ts';
import type { FieldCondition, FilterValue, Operator } from '../../filter.ts';
import { pick } from '../../i18n/i18n.ts';
import { today } from '../../time.ts';
import { useFilterContext } from './filter-context.ts';

type Scalar = string | number | boolean;

const isNumeric = (field: Field) => field.type === 'int' || field.type === 'number';

/** Comparisons that make sense for a field. */
function operatorsOf(field: Field): Operator[] {
  if (field.type === 'bool') return ['=', 'null', 'notnull'];
  if (field.values && field.type === 'string') return ['=', '!=', 'in', 'null', 'notnull'];
  if (field.type === 'string') {
    return [
      'contains',
      '=',
      '!=',
      'in',
      'icontains',
      'like',
      'ilike',
      '<',
      '<=',
      '>',
      '>=',
      'between',
      'null',
      'notnull',
    ];
  }
  return ['=', '!=', '<', '<=', '>', '>=', 'between', 'in', 'null', 'notnull'];
}

function firstScalar(field: Field): Scalar {
  const first = Object.keys(field.values ?? {})[0];
  if (first !== undefined) return isNumeric(field) ? Number(first) : first;
  return field.type === 'bool' ? true : '';
}

/** The value that a comparison starts with, of the one before as far as it fits. */
function startValue(field: Field, op: Operator, before: FilterValue): FilterValue {
  const [kept] = Array.isArray(before) ? (before as Scalar[]) : [before as Scalar | null];
  const scalar = kept ?? firstScalar(field);
  if (op === 'null' || op === 'notnull') return null;
  if (op === 'between') return Array.isArray(before) && before.length === 2 ? before : [scalar, ''];
  if (op === 'in') return scalar === '' ? [] : [scalar];
  return scalar;
}

export function firstCondition(field: Field): FieldCondition {
  const op = operatorsOf(field)[0] ?? '=';
  return { field: field.name, op, value: startValue(field, op, null) };
}

/** A row of field, comparison and value. */
export function ConditionRow(props: {
  node: FieldCondition;
  onChange: (node: FieldCondition) => void;
  onRemove: () => void;
}) {
  const { node, onChange, onRemove } = props;
  const { t } = useTranslation();
  const { fields, lang, problemOf } = useFilterContext();
  const field = fields.find(({ name }) => name === node.field);
  const problem = problemOf(node);
  // A link may name a field that is gone: it stays to be seen and removed.
  const operators = field ? operatorsOf(field) : [node.op];
  return (
    <div className="om-condition" data-problem={problem ? (problem.isRefusal ? 'refused' : 'wrong') : undefined}>
      <NativeSelect
        size="xs"
        aria-label={t('filter.field')}
        value={node.field}
        data={[
          ...(field ? [] : [{ value: node.field, label: node.field }]),
          ...fields.map((item) => ({ value: item.name, label: pick(item.title, lang) })),
        ]}
        onChange={(event) => {
          const next = fields.find(({ name }) => name === event.currentTarget.value);
          if (next) onChange(firstCondition(next));
        }}
      />
      <NativeSelect
        size="xs"
        aria-label={t('filter.op')}
        value={node.op}
        data={(operators.includes(node.op) ? operators : [node.op, ...operators]).map((op) => ({
          value: op,
          label: t(`op.${op}`),
        }))}
        onChange={(event) => {
          const op = event.currentTarget.value as Operator;
          if (field) onChange({ ...node, op, value: startValue(field, op, node.value) });
        }}
      />
      <ActionIcon variant="subtle" color="gray" aria-label={t('filter.remove')} onClick={onRemove}>
        ✕
      </ActionIcon>
      {field && node.op !== 'null' && node.op !== 'notnull' && (
        <div className="om-condition-value">
          <Value field={field} node={node} onChange={(value) => onChange({ ...node, value })} />
        </div>
      )}
      {problem && (
        <p className="om-problem" role="alert">
          {problem.text}
        </p>
      )}
    </div>
  );
}

interface ValueProps<T = FilterValue> {
  field: Field;
  value: T;
  onChange: (value: T) => void;
  label: string;
}

function Value({
  field,
  node,
  onChange,
}: {
  field: Field;
  node: FieldCondition;
  onChange: (value: FilterValue) => void;
}) {
  const { t } = useTranslation();
  const { op, value } = node;
  const label = t('filter.value');
  if (op === 'in') {
    const values = Array.isArray(value) ? (value as Scalar[]) : [];
    return <ListInput key={field.name} {...{ field, onChange, label }} value={values} />;
  }
  if (op === 'between') {
    const [low = '', high = ''] = Array.isArray(value) ? (value as Scalar[]) : [];
    return (
      <div className="om-between">
        <ScalarInput {...{ field }} label={t('filter.from')} value={low} onChange={(next) => onChange([next, high])} />
        <span aria-hidden="true">–</span>
        <ScalarInput {...{ field }} label={t('filter.to')} value={high} onChange={(next) => onChange([low, next])} />
        {(field.type === 'date' || field.type === 'datetime') && <Periods field={field} onChange={onChange} />}
      </div>
    );
  }
  const scalar = Array.isArray(value) ? '' : ((value as Scalar | null) ?? '');
  const isText = field.type === 'string' && !field.values;
  if (isText && (op === '=' || op === '!=' || op === 'contains' || op === 'icontains')) {
    return <Suggested key={`${field.name}:${op}`} {...{ field, label, onChange }} value={String(scalar)} />;
  }
  return <ScalarInput key={`${field.name}:${op}`} {...{ field, label, onChange }} value={scalar} />;
}

const DAY_MS = 86_400_000;

/** Periods that people ask for by name. */
function Periods({ field, onChange }: { field: Field; onChange: (value: FilterValue) => void }) {
  const { t } = useTranslation();
  const now = today();
  const year = Number(now.slice(0, 4));
  const ago = (days: number) => new Date(Date.parse(now) - days * DAY_MS).toISOString().slice(0, 10);
  const periods = {
    days7: [ago(6), now],
    days30: [ago(29), now],
    thisYear: [`${year}-01-01`, now],
    lastYear: [`${year - 1}-01-01`, `${year - 1}-12-31`],
  } as const;
  const whole = ([from, to]: readonly [string, string]) =>
    field.type === 'date' ? [from, to] : [`${from}T00:00:00+08:00`, `${to}T23:59:59+08:00`];
  return (
    <span className="om-periods">
      {(['days7', 'days30', 'thisYear', 'lastYear'] as const).map((name) => (
        <button key={name} type="button" className="om-link" onClick={() => onChange(whole(periods[name]))}>
          {t(`filter.period.${name}`)}
        </button>
      ))}
    </span>
  );
}

function optionsOf(field: Field, lang: 'zh' | 'en') {
  return Object.entries(field.values ?? {}).map(([value, title]) => ({ value, label: pick(title, lang) }));
}

function ListInput({ field, value, onChange, label }: ValueProps<Scalar[]>) {
  const { t } = useTranslation();
  const { lang, layer } = useFilterContext();
  const [typed, setTyped] = useState('');
  const [asked] = useDebouncedValue(typed, 300);
  const isText = field.type === 'string' && !field.values;
  const values = useFieldValues(isText ? layer : { ...layer, count: Infinity }, field.name, asked);
  const read = (texts: string[]): Scalar[] =>
    isNumeric(field) ? texts.map(Number).filter((item) => Number.isFinite(item)) : texts;
  const common = {
    size: 'xs',
    'aria-label': label,
    value: value.map(String),
    onChange: (next: string[]) => onChange(read(next)),
    comboboxProps: { withinPortal: true },
  } as const;
  if (field.values) {
    return <MultiSelect {...common} data={optionsOf(field, lang)} searchable nothingFoundMessage={t('state.empty')} />;
  }
  return (
    <TagsInput
      {...common}
      placeholder={value.length === 0 ? t('filter.listHint') : ''}
      data={isText ? (values.data ?? []) : []}
      onSearchChange={setTyped}
      filter={({ options }) => options}
    />
  );
}

/** Text with values of the layer offered as one types. */
function Suggested({ field, value, onChange, label }: ValueProps<string>) {
  const { layer } = useFilterContext();
  const [text, setText] = useTyped(value, onChange);
  const [asked] = useDebouncedValue(text, 300);
  const values = useFieldValues(layer, field.name, asked);
  return (
    <Autocomplete
      size="xs"
      aria-label={label}
      value={text}
      onChange={setText}
      data={values.data ?? []}
      filter={({ options }) => options}
      comboboxProps={{ withinPortal: true }}
    />
  );
}

/** What is typed, passed on when the person has stopped typing, since every change is a request. */
function useTyped<T extends Scalar>(value: T, onChange: (value: T) => void, read = (text: string) => text as T | null) {
  const [text, setText] = useState(String(value ?? ''));
  const [known, setKnown] = useState(value);
  // Meanwhile the person types into the next box: what is passed on goes into the filter of then, not of the last key.
  const latest = useRef(onChange);
  useLayoutEffect(() => {
    latest.current = onChange;
  });
  // Changed from elsewhere: by undo, by the text of CQL2, by a period that was chosen.
  if (value !== known) {
    setKnown(value);
    if (read(text) !== value) setText(String(value ?? ''));
  }
  useEffect(() => {
    const next = read(text);
    if (next === null || next === value) return undefined;
    const timer = setTimeout(() => latest.current(next), 400);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only typing starts the timer
  }, [text]);
  return [text, setText] as const;
}

function ScalarInput({ field, value, onChange, label }: ValueProps<Scalar>) {
  const { t } = useTranslation();
  const { lang } = useFilterContext();
  const options = optionsOf(field, lang);
  if (options.length > 0) {
    return (
      <NativeSelect
        size="xs"
        aria-label={label}
        // A value that is none of the field's is shown as what it is, not as the first of them.
        data={
          options.some((option) => option.value === String(value))
            ? options
            : [{ value: String(value), label: String(value) }, ...options]
        }
        value={String(value)}
        onChange={(event) => {
          const { value: chosen } = event.currentTarget;
          onChange(isNumeric(field) ? Number(chosen) : chosen);
        }}
      />
    );
  }
  if (field.type === 'bool') {
    return (
      <NativeSelect
        size="xs"
        aria-label={label}
        data={[
          { value: 'true', label: t('value.true') },
          { value: 'false', label: t('value.false') },
        ]}
        value={String(value)}
        onChange={(event) => onChange(event.currentTarget.value === 'true')}
      />
    );
  }
  return <TypedInput {...{ field, value, onChange, label }} />;
}

/** The clock of Asia/Shanghai, as the input of a time shows it. */
function localTime(value: Scalar): string {
  const ms = Date.parse(String(value));
  return Number.isNaN(ms) ? '' : new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16);
}

/** Text, number, day or time. */
function TypedInput({ field, value, onChange, label }: ValueProps<Scalar>) {
  const isTime = field.type === 'datetime';
  const read = (text: string): Scalar | null => {
    if (isNumeric(field)) {
      const next = text.trim() === '' ? '' : Number(text);
      return next === '' || Number.isFinite(next) ? next : null;
    }
    if (isTime) return Number.isNaN(Date.parse(text)) ? '' : text;
    return text;
  };
  const [text, setText] = useTyped<Scalar>(value, onChange, read);
  const type = isTime ? 'datetime-local' : field.type === 'date' ? 'date' : isNumeric(field) ? 'number' : 'text';
  return (
    <TextInput
      size="xs"
      type={type}
      aria-label={label}
      value={isTime ? localTime(text) : text}
      onChange={(event) => {
        const { value: typed } = event.currentTarget;
        setText(isTime && typed !== '' ? `${typed}:00+08:00` : typed);
      }}
      rightSection={field.unit ? <small>{field.unit}</small> : undefined}
    />
  );
}
