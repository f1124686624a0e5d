import { CompositeLayer, type Color, type DefaultProps, type Layer, type UpdateParameters } from '@deck.gl/core';
import type { FeatureCollection } from 'geojson';
import { bordersOf, type Borders } from './borders-of.ts';
import { FLAT_VERTICES, FlatLineLayer } from './flat-layers.ts';

/** Metres that the lines may be beside the borders, up to which zoom: less than half a pixel. Nearer, they are the borders. */
const TOLERANCES: readonly (readonly [below: number, metres: number])[] = [
  [12, 8],
  [13, 4],
  [14, 2],
  [15, 1],
];

export interface BorderProps {
  areas: FeatureCollection;
  color: Color;
  /** Pixels. */
  width: number;
}

/** The same object for the same borders: deck.gl takes another one for new data. */
const known = new WeakMap<Borders, object>();

function dataOf(borders: Borders): object {
  const { length, from, to } = borders;
  const data = known.get(borders) ?? {
    length,
    attributes: {
      getSourcePosition: { value: repeated(from), size: 2 },
      getTargetPosition: { value: repeated(to), size: 2 },
    },
  };
  known.set(borders, data);
  return data;
}

/** Each point as often as its line has vertices. */
function repeated(points: Float64Array): Float64Array {
  const value = new Float64Array(points.length * FLAT_VERTICES);
  for (let at = 0; at < value.length; at += 2) {
    const point = 2 * Math.floor(at / 2 / FLAT_VERTICES);
    value[at] = points[point] ?? 0;
    value[at + 1] = points[point + 1] ?? 0;
  }
  return value;
}

/** Metres that borders may be simplified by at a zoom. */
export function toleranceAt(zoom: number): number {
  return TOLERANCES.find(([below]) => zoom < below)?.[1] ?? 0;
}

/** The lines between areas, with as many corners as can be seen. */
export class BorderLayer extends CompositeLayer<BorderProps> {
  static override layerName = 'BorderLayer';
  static override defaultProps: DefaultProps<BorderProps> = {
    areas: { type: 'object', value: { type: 'FeatureCollection', features: [] } },
    color: { type: 'color', value: [0, 0, 0, 255] },
    width: { type: 'number', value: 1, min: 0 },
  };

  /** Also when the map has moved: nearer, more corners are seen. */
  override shouldUpdateState({ changeFlags }: UpdateParameters<this>): boolean {
    const tolerance = toleranceAt(this.context.viewport.zoom);
    return Boolean(changeFlags.propsOrDataChanged) || tolerance !== this.state['tolerance'];
  }

  override renderLayers(): Layer {
    const { areas, color, width } = this.props;
    const tolerance = toleranceAt(this.context.viewport.zoom);
    this.state['tolerance'] = tolerance;
    return new FlatLineLayer({
      ...this.getSubLayerProps({ id: 'lines', updateTriggers: { getColor: color } }),
      data: dataOf(bordersOf(areas, tolerance)),
      getColor: color,
      widthUnits: 'pixels',
      getWidth: width,
    } as unknown as ConstructorParameters<typeof FlatLineLayer>[0]);
  }
}
