import { ActionIcon, MultiSelect, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerDetail } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Condition, Language, Operator } from '../../url-state.ts';

type Field = LayerDetail['fields'][number];

/** Comparisons that make sense for a field. */
function operatorsOf(field: Field): Operator[] {
  if (field.values) return ['=', '!=', 'in', 'null', 'notnull'];
  switch (field.type) {
    case 'bool':
      return ['=', 'null', 'notnull'];
    case 'string':
      return ['=', '!=', 'contains', 'null', 'notnull'];
    default:
      return ['=', '!=', '<', '<=', '>', '>=', 'null', 'notnull'];
  }
}

function firstValue(field: Field, op: Operator): Condition['value'] {
  if (op === 'null' || op === 'notnull') return null;
  const first = Object.keys(field.values ?? {})[0];
  if (op === 'in') return first === undefined ? [] : [first];
  if (first !== undefined) return first;
  if (field.type === 'bool') return true;
  if (field.type === 'int' || field.type === 'number') return 0;
  if (field.type === 'date') return '2000-01-01';
  if (field.type === 'datetime') return '2000-01-01T00:00:00+08:00';
  return '';
}

/** A condition the server would refuse is not sent: an empty text finds nothing by accident. */
export function isComplete({ op, value }: Condition): boolean {
  if (op === 'null' || op === 'notnull') return true;
  if (Array.isArray(value)) return value.length > 0;
  return value !== null && value !== '' && !(typeof value === 'number' && !Number.isFinite(value));
}

export interface FilterBuilderProps {
  fields: readonly Field[];
  conditions: readonly Condition[];
  lang: Language;
  onChange: (conditions: Condition[]) => void;
}

/** Rows of field, comparison and value; all of them must hold. */
export function FilterBuilder({ fields, conditions, lang, onChange }: FilterBuilderProps) {
  const { t } = useTranslation();
  const usable = fields.filter((field) => field.filterable);
  const [first] = usable;
  if (!first) return <p className="om-dim">{t('filter.noFields')}</p>;
  const add = () => {
    const op = operatorsOf(first)[0] ?? '=';
    onChange([...conditions, { field: first.name, op, value: firstValue(first, op) }]);
  };
  const replace = (index: number, next: Condition) => onChange(conditions.with(index, next));
  return (
    <div className="om-filter" role="group" aria-label={t('filter.title')}>
      {conditions.map((condition, index) => {
        const field = usable.find(({ name }) => name === condition.field) ?? first;
        const operators = operatorsOf(field);
        return (
          <div className="om-condition" key={index}>
            <NativeSelect
              size="xs"
              aria-label={t('filter.field')}
              value={field.name}
              data={usable.map((item) => ({ value: item.name, label: pick(item.title, lang) }))}
              onChange={(event) => {
                const next = usable.find(({ name }) => name === event.currentTarget.value) ?? first;
                const op = operatorsOf(next)[0] ?? '=';
                replace(index, { field: next.name, op, value: firstValue(next, op) });
              }}
            />
            <NativeSelect
              size="xs"
              aria-label={t('filter.op')}
              value={condition.op}
              data={operators.map((op) => ({ value: op, label: t(`op.${op}`) }))}
              onChange={(event) => {
                const op = event.currentTarget.value as Operator;
                const isList = op === 'in' || condition.op === 'in' || op === 'null' || op === 'notnull';
                const value = isList || condition.value === null ? firstValue(field, op) : condition.value;
                replace(index, { ...condition, op, value });
              }}
            />
            <ValueInput
              field={field}
              condition={condition}
              lang={lang}
              onChange={(value) => replace(index, { ...condition, value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('filter.remove')}
              onClick={() => onChange(conditions.filter((_, other) => other !== index))}
            >
              ✕
            </ActionIcon>
          </div>
        );
      })}
      <div className="om-actions">
        <button type="button" className="om-button" onClick={add}>
          + {t('filter.add')}
        </button>
        {conditions.length > 0 && (
          <button type="button" className="om-button" onClick={() => onChange([])}>
            {t('filter.clear')}
          </button>
        )}
        {conditions.length > 1 && <span className="om-dim">{t('filter.all')}</span>}
      </div>
    </div>
  );
}

function ValueInput(props: {
  field: Field;
  condition: Condition;
  lang: Language;
  onChange: (value: Condition['value']) => void;
}) {
  const { field, condition, lang, onChange } = props;
  const { t } = useTranslation();
  if (condition.op === 'null' || condition.op === 'notnull') return <span />;
  const options = Object.entries(field.values ?? {}).map(([value, title]) => ({ value, label: pick(title, lang) }));
  if (condition.op === 'in') {
    return (
      <MultiSelect
        size="xs"
        aria-label={t('filter.value')}
        data={options}
        value={Array.isArray(condition.value) ? condition.value.map(String) : []}
        onChange={onChange}
      />
    );
  }
  if (options.length > 0) {
    return (
      <NativeSelect
        size="xs"
        aria-label={t('filter.value')}
        data={options}
        value={String(condition.value)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (field.type === 'bool') {
    return (
      <NativeSelect
        size="xs"
        aria-label={t('filter.value')}
        data={[
          { value: 'true', label: t('value.true') },
          { value: 'false', label: t('value.false') },
        ]}
        value={String(condition.value)}
        onChange={(event) => onChange(event.currentTarget.value === 'true')}
      />
    );
  }
  return <TypedInput key={`${field.name}:${condition.op}`} field={field} value={condition.value} onChange={onChange} />;
}

/** Text, number or date; passed on when the person has stopped typing, since every change is a request. */
function TypedInput({
  field,
  value,
  onChange,
}: {
  field: Field;
  value: Condition['value'];
  onChange: (value: Condition['value']) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(String(value ?? ''));
  const isNumber = field.type === 'int' || field.type === 'number';
  useEffect(() => {
    const next = isNumber ? (text.trim() === '' ? '' : Number(text)) : text;
    if (next === value || (typeof next === 'number' && !Number.isFinite(next))) return undefined;
    const timer = setTimeout(() => onChange(next), 400);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only typing starts the timer
  }, [text]);
  return (
    <TextInput
      size="xs"
      type={field.type === 'date' ? 'date' : isNumber ? 'number' : 'text'}
      aria-label={t('filter.value')}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      rightSection={field.unit ? <small>{field.unit}</small> : undefined}
    />
  );
}
