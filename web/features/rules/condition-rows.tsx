import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerDetail } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';
import { isWhole, readRow, RULE_OPS, writeRow, type ConditionRow } from './rule-draft.ts';

type FieldInfo = LayerDetail['fields'][number];
export type ConditionField = Pick<FieldInfo, 'name' | 'type' | 'title'>;

interface ConditionRowsProps {
  rows: readonly ConditionRow[];
  fields: readonly ConditionField[];
  lang: Language;
  onChange: (rows: ConditionRow[]) => void;
}

/** Further conditions, all of which must hold: a field, a comparison, a value. */
export function ConditionRows({ rows, fields, lang, onChange }: ConditionRowsProps) {
  const { t } = useTranslation();
  const change = (index: number, changes: Partial<ConditionRow>) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...changes } : row)));
  return (
    <span className="om-conditions">
      {rows.map((row, index) => {
        const field = fields.find(({ name }) => name === row.field);
        return (
          <span key={index} className="om-condition">
            <select
              aria-label={t('rules.condition.field')}
              value={row.field}
              onChange={({ target }) => change(index, { field: target.value, value: null })}
            >
              {!field && <option value={row.field}>{row.field}</option>}
              {fields.map(({ name, title }) => (
                <option key={name} value={name}>
                  {pick(title, lang)}
                </option>
              ))}
            </select>
            <select
              aria-label={t('rules.condition.op')}
              value={row.op}
              onChange={({ target }) => change(index, { op: target.value, value: null })}
            >
              {RULE_OPS.map((op) => (
                <option key={op} value={op}>
                  {t(`rules.op.${op}` as 'rules.op.=')}
                </option>
              ))}
            </select>
            {row.op !== 'null' && row.op !== 'notnull' && (
              <Value
                key={`${row.field} ${row.op}`}
                row={row}
                type={field?.type ?? 'string'}
                onChange={change}
                {...{ index }}
              />
            )}
            <button
              type="button"
              className="om-button"
              aria-label={t('rules.condition.remove')}
              onClick={() => onChange(rows.filter((_, at) => at !== index))}
            >
              ✕
            </button>
          </span>
        );
      })}
      <button
        type="button"
        className="om-button"
        disabled={fields.length === 0}
        onClick={() => onChange([...rows, { field: fields[0]?.name ?? '', op: '=', value: null }])}
      >
        {t('rules.condition.add')}
      </button>
    </span>
  );
}

function Value(props: {
  row: ConditionRow;
  type: FieldInfo['type'];
  index: number;
  onChange: (index: number, changes: Partial<ConditionRow>) => void;
}) {
  const { row, type, index, onChange } = props;
  const { t } = useTranslation();
  const [text, setText] = useState(() => writeRow(row));
  return (
    <input
      aria-label={t('rules.condition.value')}
      aria-invalid={!isWhole(row)}
      placeholder={row.op === 'in' || row.op === 'between' ? t('rules.condition.several') : ''}
      value={text}
      onChange={({ target }) => {
        setText(target.value);
        onChange(index, { value: readRow(target.value, row.op, type) });
      }}
    />
  );
}
