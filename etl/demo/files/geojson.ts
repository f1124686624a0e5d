import { type Layer, sourceFields } from '../../../layers/define.ts';
import type { Point } from '../plane.ts';
import { projectionTo } from './projection.ts';
import type { Row, RowWriter, Shape } from './row.ts';
import { TextFile } from './text-file.ts';

export type BoolStyle = 'json' | 'text';

/** GeoJSON of a row with the department's column names. */
export function featureText(layer: Layer, row: Row, project: (point: Point) => Point, bools: BoolStyle): string {
  const properties: Record<string, unknown> = {};
  for (const field of sourceFields(layer)) {
    const value = row.values[field] ?? null;
    properties[layer.source.columns?.[field] ?? field] =
      typeof value === 'boolean' && bools === 'text' ? (value ? '是' : '否') : value;
  }
  const place = (point: Point): Point => {
    const [x, y] = project(point);
    return row.damage?.isSwapped ? [y, x] : [x, y];
  };
  return JSON.stringify({ type: 'Feature', properties, geometry: geometryOf(row.shape ?? null, place) });
}

function geometryOf(shape: Shape | null, place: (point: Point) => Point): unknown {
  switch (shape?.type) {
    case undefined:
      return null;
    case 'Point':
      return { type: 'Point', coordinates: place(shape.at) };
    case 'LineString':
      return { type: 'LineString', coordinates: shape.line.map(place) };
    case 'Polygon':
      return { type: 'Polygon', coordinates: shape.rings.map((ring) => ring.map(place)) };
  }
}

/** A FeatureCollection, one feature per line, in the CRS the layer states. */
export function geojsonWriter(layer: Layer, path: string, bools: BoolStyle = 'json'): RowWriter {
  const file = new TextFile(path, 'utf-8');
  const project = projectionTo(layer.source.crs);
  let separator = '';
  file.write(`{"type":"FeatureCollection","name":"${layer.id}","features":[\n`);
  return {
    write(row) {
      file.write(separator + featureText(layer, row, project, bools));
      separator = ',\n';
    },
    async finish() {
      file.write('\n]}\n');
      file.close();
    },
  };
}
