/**
 * Layers of deck.gl that are drawn as one list of triangles instead of one shape many times over. To a graphics card the one is
 * as good as the other; to a processor that draws, each time over is a drawing of its own, 30 µs: 7 000 lines took 0.2 s.
 */
import type { Attribute, UpdateParameters } from '@deck.gl/core';
import { IconLayer, LineLayer } from '@deck.gl/layers';
import { Model } from '@luma.gl/engine';

/** Corners of two triangles that make the square of an icon: x, y. */
const ICON = { size: 2, corners: [-1, -1, 1, -1, -1, 1, -1, 1, 1, -1, 1, 1] };
/** The same of a line: along it 0 to 1, across it -1 to 1, and nothing. */
const LINE = { size: 3, corners: [0, -1, 0, 0, 1, 0, 1, -1, 0, 1, -1, 0, 0, 1, 0, 1, 1, 0] };
/** Two triangles. */
export const FLAT_VERTICES = 6;

type Shape = typeof ICON;

/** Where each item of so many begins among the vertices. */
export function startsOf(count: number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (let index = 1; index <= count; index++) starts[index] = index * FLAT_VERTICES;
  return starts;
}

/** The corners of a shape, over and over. */
export function cornersOf({ size, corners }: Shape, vertices: number): Float32Array {
  const value = new Float32Array(vertices * size);
  for (let at = 0; at < value.length; at += corners.length) value.set(corners, at);
  return value;
}

/** Makes what the layer has of each item something that each vertex has, and adds the corners. */
function flatten(layer: IconLayer | LineLayer, shape: Shape): void {
  const manager = layer.getAttributeManager();
  if (!manager) return;
  for (const attribute of Object.values(manager.getAttributes())) attribute.settings.stepMode = 'dynamic';
  manager.add({
    positions: {
      size: shape.size,
      stepMode: 'dynamic',
      noAlloc: true,
      update: (attribute: Attribute, { numInstances }: { numInstances: number }) => {
        attribute.value = cornersOf(shape, numInstances);
      },
    },
  });
}

function modelOf(layer: IconLayer | LineLayer): Model {
  return new Model(layer.context.device, {
    ...layer.getShaders(),
    id: layer.props.id,
    topology: 'triangle-list',
    bufferLayout: layer.getAttributeManager()?.getBufferLayouts({ isInstanced: false }) ?? [],
    isInstanced: false,
  });
}

export class FlatIconLayer<Item> extends IconLayer<Item> {
  static override layerName = 'FlatIconLayer';
  /** deck.gl makes a layer anew for each change. */
  readonly #told = new Map<string, number[]>();

  override getShaders(): ReturnType<IconLayer['getShaders']> {
    const shaders = super.getShaders();
    // Vertices do not know of which item they are; it is picked by a number of its own.
    return { ...shaders, defines: { ...shaders.defines, USE_ROW_INDEXES: true } };
  }

  override initializeState(): void {
    super.initializeState();
    flatten(this, ICON);
    this.getAttributeManager()?.add({
      rowIndexes: {
        size: 1,
        type: 'uint32',
        stepMode: 'dynamic',
        accessor: (_: unknown, { index }: { index: number }) => index,
      },
    });
  }

  override updateState(params: UpdateParameters<this>): void {
    if (params.changeFlags.dataChanged) {
      const count = (this.props.data as readonly Item[]).length;
      this.setState({ numInstances: count * FLAT_VERTICES, startIndices: startsOf(count) });
    }
    super.updateState(params);
  }

  override draw(options: { uniforms: unknown }): void {
    this.state.model?.setVertexCount(this.getNumInstances());
    super.draw(options);
  }

  protected override _getModel(): Model {
    return modelOf(this);
  }

  /** Many items have one icon: told once for each picture that they are in. */
  protected override getInstanceIconDef(icon: string): number[] {
    const known = this.#told.get(icon) ?? super.getInstanceIconDef(icon);
    this.#told.set(icon, known);
    return known;
  }
}

/** Takes binary data with `FLAT_VERTICES` values a line; `length` counts lines. */
export class FlatLineLayer extends LineLayer {
  static override layerName = 'FlatLineLayer';

  override initializeState(): void {
    super.initializeState();
    flatten(this, LINE);
  }

  override updateState(params: UpdateParameters<this>): void {
    if (params.changeFlags.dataChanged) {
      this.setState({ numInstances: (this.props.data as { length: number }).length * FLAT_VERTICES });
    }
    super.updateState(params);
  }

  override draw(options: { uniforms: unknown }): void {
    this.state.model?.setVertexCount(this.getNumInstances());
    super.draw(options);
  }

  protected override _getModel(): Model {
    return modelOf(this);
  }
}
