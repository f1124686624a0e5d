import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canSee, maskedFields } from '../../layers/access.ts';
import { listDefinitionFiles } from '../../layers/check.ts';
import { checkLayer } from '../../layers/check-layer.ts';
import { geometryType, layerColumns, sqlType } from '../../layers/ddl.ts';
import type { Geometry } from '../../layers/define.ts';
import { departments } from '../../layers/departments.ts';
import { findLayer, getLayer, layers } from '../../layers/index.ts';
import { legendOf } from '../../layers/legend.ts';
import { parseLayer } from '../../layers/parse.ts';

const byId = new Map(layers.map((layer) => [layer.id, layer]));
const definitions = `${import.meta.dirname}/../../layers`;

describe('the catalogue', () => {
  it('registers every definition file, and every registered layer has its file', () => {
    expect(layers.map((layer) => `${layer.department}/${layer.id}.ts`).toSorted()).toEqual(listDefinitionFiles());
  });

  it('has layers of all 14 departments and of every kind of geometry', () => {
    expect(Object.keys(departments)).toHaveLength(14);
    expect(new Set(layers.map((layer) => layer.department))).toEqual(new Set(Object.keys(departments)));
    const geometries: Geometry[] = ['point', 'line', 'polygon', 'table', 'raster'];
    expect(new Set(layers.map((layer) => layer.geometry))).toEqual(new Set(geometries));
  });

  it.each(
    (
      'district_boundary town_boundary community_boundary governance_grid building_footprint road_centerline water_area ' +
      'water_line person household room enterprise video_camera fire_hydrant emergency_shelter grid_staff_position ' +
      'primary_school water_level_station waterlogging_sensor satellite_image_current police_station hospital park'
    ).split(' '),
  )('has %s, which other parts of the product stand on', (id) => {
    expect(getLayer(id).id).toBe(id);
  });

  it('is handed in as every kind of file, encoding and CRS that departments use', () => {
    const sources = layers.map((layer) => layer.source);
    expect(new Set(sources.map((source) => source.format)).size).toBe(6);
    expect(new Set(sources.map((source) => source.crs))).toEqual(
      new Set(['EPSG:4326', 'EPSG:4490', 'EPSG:4526', 'EPSG:4547', 'EPSG:3857', 'GCJ-02', 'BD-09']),
    );
    for (const encoding of ['utf-8', 'gb18030'] as const) {
      expect(sources.some((source) => source.format === 'csv' && source.encoding === encoding)).toBe(true);
      expect(sources.some((source) => source.format === 'shapefile' && source.encoding === encoding)).toBe(true);
    }
  });

  it('finds a layer by id, and says which id it does not know', () => {
    expect(findLayer('person')).toBe(getLayer('person'));
    expect(findLayer('persons')).toBeUndefined();
    expect(() => getLayer('persons')).toThrow('no such layer: "persons"');
    expect(findLayer('constructor')).toBeUndefined();
  });
});

describe.each(layers.map((layer) => [layer.id, layer] as const))('%s', (_id, layer) => {
  it('has no problem', () => {
    expect(checkLayer(layer, byId, 'catalogue')).toEqual([]);
  });

  it('is plain data: survives JSON and the parser of user layers unchanged', () => {
    expect(parseLayer(JSON.parse(JSON.stringify(layer)))).toEqual(layer);
  });

  it('imports nothing but defineLayer', () => {
    const text = readFileSync(`${definitions}/${layer.department}/${layer.id}.ts`, 'utf8');
    expect(text.match(/^import .*$/gm)).toEqual(["import { defineLayer } from '../define.ts';"]);
    expect(text).not.toMatch(/=>|\bfunction\b[^'"]*\(|import\(/);
  });

  it('has one table column per field, of its type', () => {
    const columns = layerColumns(layer);
    if (layer.geometry === 'raster') {
      expect(columns).toEqual([]);
      return;
    }
    expect(new Set(columns.map((column) => column.name)).size).toBe(columns.length);
    for (const [name, field] of Object.entries(layer.fields)) {
      expect(columns.filter((column) => column.name === name)).toEqual([{ name, type: sqlType(field) }]);
    }
    expect(columns.find((column) => column.name === 'geom')?.type).toBe(`geometry(${geometryType(layer)},4326)`);
  });

  it('explains every colour of its symbology in both languages', () => {
    const legend = legendOf(layer);
    const { symbology } = layer;
    const colors =
      symbology.kind === 'none'
        ? [symbology.color]
        : symbology.kind === 'ramp'
          ? symbology.colors
          : Object.values(symbology.colors);
    expect(legend.map((entry) => entry.color).slice(0, colors.length)).toEqual(colors);
    const rest = legend.slice(colors.length).map((entry) => entry.color);
    expect(symbology.kind === 'categorical' ? [[], [symbology.other]] : [[]]).toContainEqual(rest);
    for (const { label } of legend) {
      expect(label.zh).not.toBe('');
      expect(label.en).not.toBe('');
    }
    expect(new Set(legend.map((entry) => entry.label.zh)).size).toBe(legend.length);
    expect(new Set(legend.map((entry) => entry.label.en)).size).toBe(legend.length);
  });

  it('sends no masked field in tiles, and hides what is not public from the public', () => {
    const masked = maskedFields(layer, 'public');
    expect(layer.tiles?.fields.filter((name) => masked.includes(name))).toEqual([]);
    expect(canSee('public', layer)).toBe(layer.sensitivity === 'public');
    expect(canSee('staff', layer)).toBe(true);
  });
});
