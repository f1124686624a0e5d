import { describe, expect, it } from 'vitest';
import { getLayer } from '../../layers/index.ts';
import { legendFieldOf, legendOf } from '../../layers/legend.ts';

describe('legendOf', () => {
  it('one colour: the layer itself', () => {
    const layer = getLayer('metro_station');
    expect(legendOf(layer)).toEqual([{ label: layer.title, color: '#aa64b3' }]);
  });

  it('categories: their titles and values; nothing else can appear when the field is required', () => {
    expect(legendOf(getLayer('primary_school'))).toEqual([
      { label: { zh: '公办', en: 'Public' }, color: '#59b466', value: 'public' },
      { label: { zh: '民办', en: 'Private' }, color: '#aa64b3', value: 'private' },
    ]);
  });

  it('categories: what has no colour of its own, or no value, is "other"', () => {
    const other = { label: { zh: '其他', en: 'Other' }, color: '#c4c4c4' };
    expect(legendOf(getLayer('poi')).at(-1)).toEqual(other);
    const school = structuredClone(getLayer('primary_school'));
    delete school.fields['kind']?.required;
    expect(legendOf(school)).toHaveLength(3);
    expect(legendOf(school).at(-1)).toEqual(other);
  });

  it('a ramp: classes with their unit, the ends open', () => {
    expect(legendOf(getLayer('waterlogging_sensor')).map((entry) => entry.label.en)).toEqual([
      '< 5 cm',
      '5 – 15 cm',
      '15 – 27 cm',
      '27 – 40 cm',
      '≥ 40 cm',
    ]);
  });

  it('groups the digits of large numbers, not those of years, and says what is told', () => {
    const town = getLayer('town_boundary');
    expect(legendOf(town).map(({ label }) => label.zh)).toContain('250,000 – 350,000');
    expect(legendFieldOf(town)?.zh).toContain('人口');
    expect(legendFieldOf({ ...town, symbology: { kind: 'none', color: '#aa64b3' } })).toBeNull();
    const old = {
      ...town,
      symbology: { kind: 'ramp', field: 'population', stops: [1980], colors: ['#dcd6ee', '#4a2f86'] },
    } as const;
    expect(legendOf(old as never).map(({ label }) => label.en)).toEqual(['< 1980', '≥ 1980']);
  });
});
