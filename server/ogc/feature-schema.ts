import type { Field, Layer } from '../../layers/define.ts';
import { queryableFields } from './queryables.ts';

const GEOMETRY_FORMAT: Record<Layer['geometry'], string> = {
  point: 'geometry-point',
  table: 'geometry-point',
  line: 'geometry-multilinestring',
  polygon: 'geometry-multipolygon',
  raster: 'geometry-any',
};

const CODE_TITLES = {
  grid_code: '网格编码 / Micro-grid code',
  community_code: '社区编码 / Community code',
  town_code: '镇街编码 / Town code',
};

type Schema = Record<string, unknown>;

/** JSON Schema of a field. Masked values are texts of another shape, so only their type can be told. */
export function fieldSchema(field: Field, isMasked: boolean): Schema {
  const title = `${field.title.zh} / ${field.title.en}`;
  if (isMasked) return { type: 'string', title: `${title} (masked)` };
  const unit = field.unit === undefined ? {} : { 'x-ogc-unit': field.unit };
  switch (field.type) {
    case 'int':
    case 'number':
      return {
        type: field.type === 'int' ? 'integer' : 'number',
        title,
        ...unit,
        ...(field.range === undefined ? {} : { minimum: field.range[0], maximum: field.range[1] }),
      };
    case 'bool':
      return { type: 'boolean', title };
    case 'date':
      return { type: 'string', format: 'date', title };
    case 'datetime':
      return { type: 'string', format: 'date-time', title };
    case 'string':
      return {
        type: 'string',
        title,
        ...unit,
        ...(field.values === undefined ? {} : { enum: Object.keys(field.values) }),
        ...(field.pattern === undefined ? {} : { pattern: field.pattern }),
      };
  }
}

function codeSchemas(): Record<string, Schema> {
  return Object.fromEntries(Object.entries(CODE_TITLES).map(([name, title]) => [name, { type: 'string', title }]));
}

function geometrySchema(layer: Layer): Schema {
  return { 'x-ogc-role': 'primary-geometry', format: GEOMETRY_FORMAT[layer.geometry], title: '几何 / Geometry' };
}

function schemaOf(layer: Layer, id: string, properties: Record<string, Schema>): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: id,
    type: 'object',
    title: `${layer.title.zh} / ${layer.title.en}`,
    properties,
    additionalProperties: false,
  };
}

/** What a feature of a collection has, as the caller sees it (Part 5). */
export function returnables(layer: Layer, masked: readonly string[], id: string): Schema {
  const fields = Object.entries(layer.fields).map(([name, field], index): [string, Schema] => [
    name,
    { ...fieldSchema(field, masked.includes(name)), 'x-ogc-propertySeq': index + 1 },
  ]);
  return schemaOf(layer, id, {
    id: { 'x-ogc-role': 'id', type: 'string', title: '要素编号 / Feature number' },
    geometry: geometrySchema(layer),
    ...Object.fromEntries(fields),
    ...codeSchemas(),
  });
}

/** What can be asked for, by a parameter or in a filter (Part 3). */
export function queryables(layer: Layer, masked: readonly string[], id: string): Schema {
  const fields = queryableFields(layer, masked).map(([name, field]): [string, Schema] => [
    name,
    fieldSchema(field, false),
  ]);
  return schemaOf(layer, id, { geometry: geometrySchema(layer), ...Object.fromEntries(fields), ...codeSchemas() });
}

/** What features can be ordered by (Part 8). */
export function sortables(layer: Layer, masked: readonly string[], id: string): Schema {
  const { geometry: _, ...properties } = queryables(layer, masked, id)['properties'] as Record<string, Schema>;
  return schemaOf(layer, id, properties);
}
