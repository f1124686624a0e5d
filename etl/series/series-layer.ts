import type { Field, Layer, Series } from '../../layers/define.ts';

/** Readings of a layer are accounted for as loads under this name. */
export function seriesLoadName(layer: Layer): string {
  return `${layer.id}.series`;
}

/** Number of the row in the file: readings have no key of their own. */
const ROW: Field = { type: 'int', title: { zh: '行号', en: 'Row' }, required: true };

/**
 * The definition by which a file of readings is checked, with the fields of the layer they are of: types, ranges, patterns,
 * and a key that must be one of the layer's.
 */
export function seriesLayer(layer: Layer, series: Series): Layer {
  const field = (name: string): Field => layer.fields[name] as Field;
  const optional = (name: string): Field => ({ ...field(name), required: false });
  const { columns } = layer.source;
  return {
    id: layer.id,
    title: layer.title,
    department: layer.department,
    class: layer.class,
    subclass: layer.subclass,
    geometry: 'table',
    fields: {
      row_no: ROW,
      [layer.key]: { ...field(layer.key), required: true },
      [series.time]: { ...field(series.time), required: true },
      ...Object.fromEntries(series.values.map((name) => [name, optional(name)])),
    },
    key: 'row_no',
    source: {
      file: series.file,
      format: 'csv',
      encoding: 'utf-8',
      crs: layer.source.crs,
      ...(columns === undefined ? {} : { columns }),
    },
    cadence: layer.cadence,
    freshnessHours: layer.freshnessHours,
    symbology: layer.symbology,
    sensitivity: layer.sensitivity,
    checks: { rows: [0, 100_000_000], references: [{ field: layer.key, layer: layer.id }] },
  };
}
