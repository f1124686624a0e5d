import type { Layer, Text } from './define.ts';

export interface LegendEntry {
  label: Text;
  /** `#rrggbb`. */
  color: string;
  /** The value the colour stands for; absent for a whole layer, a class of a ramp and "other". */
  value?: string;
}

/** Large numbers in groups of three digits, the same in both languages; years stay whole. */
function written(value: number | undefined): string {
  if (value === undefined || Math.abs(value) < 10_000) return String(value);
  return value.toLocaleString('en-US', { maximumFractionDigits: 20 });
}

/** Title of the field that a layer is coloured by; null where all is of one colour. */
export function legendFieldOf({ fields, symbology }: Pick<Layer, 'fields' | 'symbology'>): Text | null {
  return symbology.kind === 'none' ? null : (fields[symbology.field]?.title ?? null);
}

/** What a layer's colours mean, in drawing order: one entry per colour that can appear. */
export function legendOf(layer: Pick<Layer, 'title' | 'fields' | 'symbology'>): LegendEntry[] {
  const { symbology } = layer;
  switch (symbology.kind) {
    case 'none':
      return [{ label: layer.title, color: symbology.color }];
    case 'categorical': {
      const field = layer.fields[symbology.field];
      const values = field?.values ?? {};
      const entries: LegendEntry[] = Object.entries(symbology.colors).map(([value, color]) => ({
        label: values[value] ?? { zh: value, en: value },
        color,
        value,
      }));
      // Where each allowed value has its colour and none may be missing, nothing is drawn in the other colour.
      const isComplete = field?.required === true && Object.keys(values).every((value) => value in symbology.colors);
      return isComplete ? entries : [...entries, { label: { zh: '其他', en: 'Other' }, color: symbology.other }];
    }
    case 'ramp': {
      const { stops, colors } = symbology;
      const unit = layer.fields[symbology.field]?.unit;
      const suffix = unit === undefined ? '' : unit === '%' ? '%' : ` ${unit}`;
      return colors.map((color, index) => {
        const from = stops[index - 1];
        const to = stops[index];
        let text: string;
        if (from === undefined) text = `< ${written(to)}${suffix}`;
        else if (to === undefined) text = `≥ ${written(from)}${suffix}`;
        else text = `${written(from)} – ${written(to)}${suffix}`;
        return { label: { zh: text, en: text }, color };
      });
    }
  }
}
