import type { Field, Layer } from '../layers/define.ts';

/**
 * The definition by which an earlier version of a layer is read: columns, types and tiles as they were then, so that its
 * table can answer, and access as it is now: who may see the layer, and which fields are masked, is not undone by asking
 * for the past.
 */
export function layerAsOf(now: Layer, then: Layer): Layer {
  const fields = Object.entries(then.fields).map(([name, field]): [string, Field] => {
    const mask = now.fields[name]?.mask ?? field.mask;
    return [name, mask === undefined ? field : { ...field, mask }];
  });
  return { ...then, id: now.id, sensitivity: now.sensitivity, fields: Object.fromEntries(fields) };
}
