import { describe, expect, it } from 'vitest';
import { findLayer } from '../../../layers/index.ts';
import { reportOf } from '../../../layers/report.ts';
import { cardLayers, RESPONSIBLE_LAYERS } from '../../../server/situation/card-layers.ts';

describe.each(cardLayers)('$layer', (each) => {
  const layer = findLayer(each.layer)!;

  it('exists, once', () => {
    expect(layer).toBeDefined();
    expect(cardLayers.filter(({ layer: other }) => other === each.layer)).toHaveLength(1);
  });

  it('has the fields that are told of it', () => {
    if (each.show === 'inside') return;
    const { tell, where, until, at } = each;
    const named = [...tell, ...[where?.field, until, at].filter((name) => name !== undefined)];
    expect(named.filter((name) => layer.fields[name] === undefined)).toEqual([]);
    for (const name of [where?.field, until]) {
      if (name !== undefined) expect(layer.fields[name]?.filterable).toBe(true);
    }
  });

  it('names no people', () => {
    if (each.show !== 'inside') expect(layer.sensitivity).not.toBe('personal');
  });

  it('says what it is in the report of an area, where it is counted by it', () => {
    if (each.show === 'inside') expect(reportOf(layer)).not.toBeNull();
  });
});

it('knows the layers of who is responsible', () => {
  for (const id of Object.values(RESPONSIBLE_LAYERS)) expect(findLayer(id), id).toBeDefined();
});
