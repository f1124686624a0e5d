import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';

export interface LayerChoiceProps {
  label: string;
  /** Empty: none is chosen. */
  value: string;
  /** What stands for none; left out where one must be chosen. */
  none?: string;
  catalogue: readonly LayerSummary[];
  /** Layers on the map: they are the likeliest ones, and come first. */
  shown: readonly string[];
  lang: Language;
  description?: string;
  onChange: (id: string) => void;
}

/** One of the layers that have rows. */
export function LayerChoice(props: LayerChoiceProps) {
  const { label, value, none, catalogue, shown, lang, description, onChange } = props;
  const { t } = useTranslation();
  const countable = catalogue.filter(({ geometry, load }) => geometry !== 'raster' && load !== null);
  const items = (layers: readonly LayerSummary[]) =>
    layers.map(({ id, title }) => ({ value: id, label: pick(title, lang) }));
  const groups = [
    { group: t('tools.layers.shown'), items: items(countable.filter(({ id }) => shown.includes(id))) },
    { group: t('menu.made'), items: items(countable.filter(({ id, user }) => user && !shown.includes(id))) },
    { group: t('tools.layers.others'), items: items(countable.filter(({ id, user }) => !user && !shown.includes(id))) },
  ].filter((group) => group.items.length > 0);
  return (
    <NativeSelect
      size="xs"
      label={label}
      {...(description === undefined ? {} : { description, inputWrapperOrder: ['label', 'input', 'description'] })}
      value={value}
      data={[...(none === undefined ? [] : [{ value: '', label: none }]), ...groups]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
