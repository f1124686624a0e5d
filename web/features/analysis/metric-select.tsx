import { NativeSelect } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Field } from '../../field-text.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';

const KINDS = ['sum', 'avg', 'min', 'max', 'distinct'] as const;
type Kind = (typeof KINDS)[number];

/** What may be told of a field: masked ones nothing. */
function kindsOf({ type, masked, filterable }: Field): readonly Kind[] {
  if (masked || !filterable) return [];
  if (type === 'int' || type === 'number') return KINDS;
  if (type === 'date' || type === 'datetime') return ['min', 'max', 'distinct'];
  return ['distinct'];
}

/** `avg:floors` → "average of floors". */
export function metricTitle(t: TFunction, metric: string, fields: readonly Field[], lang: Language): string {
  if (metric === 'count') return t('analyse.count');
  if (metric === 'share') return t('metric.share');
  const [kind = '', name = ''] = metric.split(':');
  const field = fields.find((each) => each.name === name);
  const title = field ? pick(field.title, lang) : name;
  return t(`metric.of.${kind as Kind}`, { field: title });
}

/** What is told of each unit: how many, or a figure of a field. */
export function MetricSelect(props: {
  fields: readonly Field[];
  metric: string | null;
  lang: Language;
  onChange: (metric: string | null) => void;
}) {
  const { fields, metric, lang, onChange } = props;
  const { t } = useTranslation();
  return (
    <NativeSelect
      size="xs"
      label={t('metric.title')}
      value={metric ?? ''}
      data={[
        { value: '', label: t('analyse.count') },
        { value: 'share', label: t('metric.share') },
        ...fields.flatMap((field) =>
          kindsOf(field).map((kind) => ({
            value: `${kind}:${field.name}`,
            label: t(`metric.of.${kind}`, { field: pick(field.title, lang) }),
          })),
        ),
      ]}
      onChange={(event) => onChange(event.currentTarget.value || null)}
    />
  );
}
