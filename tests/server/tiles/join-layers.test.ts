import { describe, expect, it } from 'vitest';
import { joinLayers } from '../../../server/tiles/join-layers.ts';

const layers = ['aaaa', 'bbbbbbbb', 'cc'].map((text) => Buffer.from(text));

describe('a tile of several layers', () => {
  it('has them in their order', () => {
    expect(joinLayers(layers, 100)).toEqual({ body: Buffer.from('aaaabbbbbbbbcc'), dropped: [] });
  });

  it('leaves out as a whole what does not fit, and goes on with what does', () => {
    expect(joinLayers(layers, 7)).toEqual({ body: Buffer.from('aaaacc'), dropped: [1] });
    expect(joinLayers(layers, 1)).toEqual({ body: Buffer.alloc(0), dropped: [0, 1, 2] });
  });
});
