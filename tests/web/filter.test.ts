import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  complete,
  formatFilter,
  groupOf,
  nodeAt,
  nodeOf,
  parseFilter,
  readNode,
  toFilter,
  withCondition,
  type FilterNode,
} from '../../web/filter.ts';
import { filterTree } from './filter-tree.ts';

const women: FilterNode = { field: 'sex', op: '=', value: 'F' };
const unwritten: FilterNode = { field: 'name', op: 'contains', value: '' };
const nobody: FilterNode = { field: 'name', op: 'null', value: null };

describe('the tree of a filter', () => {
  it('is read back from its text', () => {
    fc.assert(
      fc.property(filterTree, (tree) => {
        expect(parseFilter(formatFilter(tree))).toEqual(tree);
      }),
    );
  });

  it('is short in the address where all conditions must hold, as links were before', () => {
    expect(formatFilter({ and: [women] })).toBe('[["sex","=","F"]]');
    expect(parseFilter('[["sex","=","F"],["name","null",null],["x"]]')).toEqual({ and: [women, nobody] });
  });

  it('is a group in every case, and the group is the tree again', () => {
    fc.assert(
      fc.property(filterTree, (tree) => {
        const again = nodeOf(groupOf(tree));
        expect(groupOf(again)).toEqual(groupOf(tree));
      }),
    );
    expect(groupOf({ not: women })).toEqual({ join: 'none', of: [women] });
    expect(groupOf({ not: { and: [women, nobody] } })).toEqual({ join: 'notAll', of: [women, nobody] });
  });

  it('takes nothing that is none', () => {
    for (const text of ['', '{', '7', '{"x":1}', '{"and":[{"x":1}]}', '{"field":"a","op":"~","value":1}', '[[1,2]]']) {
      expect(parseFilter(text)).toBeNull();
    }
    let deep: unknown = women;
    for (let level = 0; level < 30; level += 1) deep = { not: deep };
    expect(readNode(deep)).toBeNull();
  });

  it('gets another condition beside those it has', () => {
    expect(withCondition(undefined, women)).toEqual({ and: [women] });
    expect(withCondition({ and: [nobody] }, women)).toEqual({ and: [nobody, women] });
    expect(withCondition({ or: [nobody, unwritten] }, women)).toEqual({ and: [{ or: [nobody, unwritten] }, women] });
  });
});

describe('what of it is sent', () => {
  it('leaves out what is half written, and groups that are then empty', () => {
    expect(toFilter(undefined)).toBeNull();
    expect(toFilter({ and: [unwritten, { not: unwritten }, { cells: { by: 'town', codes: [] } }] })).toBeNull();
    expect(toFilter({ and: [unwritten, women, { or: [unwritten, nobody] }] })).toEqual({
      and: [women, { or: [{ field: 'name', op: 'null' }] }],
    });
    expect(toFilter({ field: 'age', op: 'between', value: [1, ''] })).toBeNull();
    expect(toFilter({ inside: { layer: 'poi', filter: { and: [unwritten] }, metres: 5 } })).toEqual({
      inside: { layer: 'poi', metres: 5 },
    });
  });

  it('leads from the place of an error to the condition, whatever was left out before it', () => {
    const inner: FilterNode = { not: women };
    const tree: FilterNode = { and: [unwritten, { or: [unwritten, inner] }] };
    const { places } = complete(tree);
    expect(nodeAt(places, 'filter.and[0].or[0].not.value')).toBe(women);
    expect(nodeAt(places, 'filter.and[0].or[0]')).toBe(inner);
    expect(nodeAt(places, 'filter')).toBe(tree);
    expect(nodeAt(places, 'elsewhere')).toBeNull();
  });
});
