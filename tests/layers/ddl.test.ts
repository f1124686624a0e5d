import { describe, expect, it } from 'vitest';
import { createIndexSql, createTableSql, identifier, isPointLike, layerColumns, tableName } from '../../layers/ddl.ts';
import { getLayer, layers } from '../../layers/index.ts';
import { testDatabase } from '../support/database.ts';

describe('names', () => {
  it('are quoted, and only identifiers are let through', () => {
    expect(identifier('user')).toBe('"user"');
    for (const wrong of ['', 'A', 'a"b', 'a;b', '1a', 'a'.repeat(64), '表']) {
      expect(() => identifier(wrong)).toThrow(`not an identifier: ${JSON.stringify(wrong)}`);
    }
    expect(tableName(getLayer('person'), 'layers_next')).toBe('"layers_next"."person"');
    expect(tableName(getLayer('person'), 'layers', 'person_old')).toBe('"layers"."person_old"');
  });

  it('a raster has no table', () => {
    const raster = getLayer('satellite_image_current');
    expect(createTableSql(raster, 'layers')).toBe('');
    expect(createIndexSql(raster, 'layers')).toEqual([]);
  });

  it('a quote in a title cannot end the comment', () => {
    const park = { ...getLayer('park'), title: { zh: "公园'; drop table x; --", en: 'Park' } };
    expect(createTableSql(park, 'layers')).toContain("is '公园''; drop table x; -- / Park';");
  });
});

const SCHEMA = 'layers_ddl_test';
const tables = layers.filter((layer) => layer.geometry !== 'raster');

describe('on PostGIS', () => {
  it('each layer becomes a table with its columns, comments and indexes', async () => {
    const { sql } = await testDatabase();
    await sql.unsafe(`drop schema if exists ${SCHEMA} cascade; create schema ${SCHEMA}`);
    try {
      for (const layer of tables) {
        await sql.unsafe(createTableSql(layer, SCHEMA));
        for (const statement of createIndexSql(layer, SCHEMA)) await sql.unsafe(statement);
      }
      const columns = await sql<
        {
          table: string;
          column: string;
          type: string;
          collation: string | null;
          isRequired: boolean;
          comment: string | null;
        }[]
      >`
        select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as type,
          a.attnotnull as "isRequired",
          (select collname from pg_collation where oid = a.attcollation) as collation, col_description(c.oid, a.attnum) as comment
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = ${SCHEMA}::regnamespace and c.relkind = 'r' and a.attnum > 0
        order by c.relname, a.attnum`;
      const indexes = await sql<{ table: string; index: string }[]>`
        select tablename as "table", indexdef as index from pg_indexes where schemaname = ${SCHEMA}`;
      const primaryKeys = await sql<{ table: string; key: string }[]>`
        select c.relname as "table", pg_get_constraintdef(k.oid) as key
        from pg_constraint k join pg_class c on c.oid = k.conrelid
        where k.connamespace = ${SCHEMA}::regnamespace and k.contype = 'p'`;
      const comments = await sql<{ table: string; comment: string }[]>`
        select relname as "table", obj_description(oid, 'pg_class') as comment
        from pg_class where relnamespace = ${SCHEMA}::regnamespace and relkind = 'r'`;

      for (const layer of tables) {
        const own = columns.filter((column) => column.table === layer.id);
        expect(own.map((column) => column.column)).toEqual(layerColumns(layer).map((column) => column.name));
        for (const [name, field] of Object.entries(layer.fields)) {
          const column = own.find((candidate) => candidate.column === name);
          expect(column?.comment).toContain(`${field.title.zh} / ${field.title.en}`);
          expect(column?.isRequired).toBe(field.required === true);
        }
        expect(comments.find((row) => row.table === layer.id)?.comment).toBe(`${layer.title.zh} / ${layer.title.en}`);
        const methods = indexes
          .filter((row) => row.table === layer.id)
          .map((row) => row.index.replace(/^create (unique )?index \S+ on \S+ using /i, '$1'));
        expect(methods.toSorted()).toEqual(
          [
            'UNIQUE btree (fid)',
            'btree (grid_code)',
            ...(isPointLike(layer) ? ['btree (qk)'] : ['gist (geom)', 'gist (geom_3857)']),
          ].toSorted(),
        );
        expect(primaryKeys.find((row) => row.table === layer.id)?.key).toBe('PRIMARY KEY (fid)');
        for (const { type, collation } of own) if (type === 'text') expect(collation).toBe('C');
      }
    } finally {
      await sql.unsafe(`drop schema ${SCHEMA} cascade`);
    }
  });

  it('geom_3857 follows geom, and a row without a place is a row', async () => {
    const { sql } = await testDatabase();
    const name = 'ddl_test_water';
    await sql.unsafe('create schema if not exists layers_next');
    await sql.unsafe(`drop table if exists layers_next.${name}`);
    try {
      await sql.unsafe(createTableSql(getLayer('water_line'), 'layers_next', { name }));
      for (const statement of createIndexSql(getLayer('water_line'), 'layers_next', { name }))
        await sql.unsafe(statement);
      await sql.unsafe(`insert into layers_next.${name} (fid, source_id, load_id, water_code, kind, geom) values
        (1, 'WL000001', 1, 'WL000001', 'creek', st_geomfromtext('MULTILINESTRING((113 23, 113.1 23))', 4326)),
        (2, 'WL000002', 1, 'WL000002', 'creek', null)`);
      const rows = await sql.unsafe(
        `select fid, round(st_xmin(geom_3857)) as x, round(st_ymin(geom_3857)) as y from layers_next.${name} order by fid`,
      );
      // Spherical Mercator of 113° E, 23° N: x = R·λ, y = R·ln tan(π/4 + φ/2), R = 6378137 m.
      const x = Math.round((6378137 * 113 * Math.PI) / 180);
      const y = Math.round(6378137 * Math.log(Math.tan(Math.PI / 4 + (23 * Math.PI) / 360)));
      expect(rows.map((row) => ({ ...row }))).toEqual([
        { fid: 1, x, y },
        { fid: 2, x: null, y: null },
      ]);
      await expect(
        sql.unsafe(`insert into layers_next.${name} (fid, source_id, load_id, water_code) values (3, 'WL3', 1, 'WL3')`),
      ).rejects.toThrow(/null value in column "kind"/);
    } finally {
      await sql.unsafe(`drop table if exists layers_next.${name}`);
    }
  });
});
