import type { Layer, Text } from './define.ts';

export interface LegendEntry {
  label: Text;
  /** `#rrggbb`. */
  color: string;
  /** The value the colour stands for; absent for a whole layer, a class of a ramp and "other". */
  value?: string;
}

/** What a layer's colours mean, in drawing order: one entry per colour of its symbology. */
export function legendOf(layer: Pick<Layer, 'title' | 'fields' | 'symbology'>): LegendEntry[] {
  const { symbology } = layer;
  switch (symbology.kind) {
    case 'none':
      return [{ label: layer.title, color: symbology.color }];
    case 'categorical': {
      const values = layer.fields[symbology.field]?.values ?? {};
      const entries: LegendEntry[] = Object.entries(symbology.colors).map(([value, color]) => ({
        label: values[value] ?? { zh: value, en: value },
        color,
        value,
      }));
      return [...entries, { label: { zh: '其他', en: 'Other' }, color: symbology.other }];
    }
    case 'ramp': {
      const { stops, colors } = symbology;
      const unit = layer.fields[symbology.field]?.unit;
      const suffix = unit === undefined ? '' : unit === '%' ? '%' : ` ${unit}`;
      return colors.map((color, index) => {
        const from = stops[index - 1];
        const to = stops[index];
        let text: string;
        if (from === undefined) text = `< ${to}${suffix}`;
        else if (to === undefined) text = `≥ ${from}${suffix}`;
        else text = `${from} – ${to}${suffix}`;
        return { label: { zh: text, en: text }, color };
      });
    }
  }
}
