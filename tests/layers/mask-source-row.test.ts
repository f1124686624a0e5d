import { describe, expect, it } from 'vitest';
import { ROLES } from '../../layers/access.ts';
import { getLayer, layers } from '../../layers/index.ts';
import { sourceMask, WITHHELD } from '../../layers/mask-source-row.ts';

const person = getLayer('person');
const columnOf = (name: string) => person.source.columns?.[name] ?? name;

describe.each(ROLES)('rows of departments for %s', (role) => {
  it.each(layers.map(({ id }) => id))('%s: every field with a mask is masked, under both of its names', (id) => {
    const layer = getLayer(id);
    const mask = sourceMask(layer, role, 'BAD_TYPE');
    for (const [name, field] of Object.entries(layer.fields)) {
      for (const column of [name, layer.source.columns?.[name] ?? name]) {
        const shown = mask(column, '44060419800101123X');
        if (field.mask) expect(shown, column).not.toContain('19800101');
        else expect(shown, column).toBe('44060419800101123X');
      }
    }
  });

  it('shows nothing of columns the definition does not know, where persons are', () => {
    const mask = sourceMask(person, role, 'BAD_TYPE');
    expect(mask('备用电话', '13800000000')).toBe(WITHHELD);
    expect(mask('#12', '张三')).toBe(WITHHELD);
    expect(mask('备用电话', null)).toBeNull();
    expect(mask('source_id', 'P123456789')).not.toBe('P123456789');
    const park = sourceMask(getLayer('park'), role, 'BAD_TYPE');
    expect(park('备注', '老树')).toBe('老树');
  });

  it('shows nothing of a row whose values stand under wrong names', () => {
    const mask = sourceMask(person, role, 'ROW_SHAPE');
    expect(mask(columnOf('sex'), '张三')).toBe(WITHHELD);
    expect(sourceMask(getLayer('park'), role, 'ROW_SHAPE')('name', '公园')).toBe('公园');
  });
});
