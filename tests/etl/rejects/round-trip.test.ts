import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeUscc } from '../../../etl/demo/identity.ts';
import { Gdal } from '../../../etl/formats/gdal.ts';
import { openFile } from '../../../etl/formats/open.ts';
import { cellsOf, leadingColumns } from '../../../etl/rejects/handed-row.ts';
import { loadCorrections } from '../../../etl/rejects/load-corrections.ts';
import { getPastLoad, type PastLoad } from '../../../etl/rejects/past-load.ts';
import { readRejects, type Rejects } from '../../../etl/rejects/read-rejects.ts';
import { writeRejects } from '../../../etl/rejects/write-rejects.ts';
import { tableName } from '../../../layers/ddl.ts';
import { sourceFields } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import { loadedDistrict, type LoadedDistrict } from '../../support/district.ts';

let district: LoadedDistrict;
let db: Database;
let scratch = '';
let gdal: Gdal | undefined;
const startGdal = async () => (gdal ??= await Gdal.start());

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'one-map-rejects-'));
  district = await loadedDistrict();
  db = district.db;
});
afterAll(async () => {
  await gdal?.close();
  await rm(scratch, { recursive: true, force: true });
});

async function liveLoad(layer: string): Promise<number> {
  const [row] = await db.sql<{ load: number }[]>`select load_id as load from app.layer_state where layer_id = ${layer}`;
  return row!.load;
}

async function loadRow(id: number) {
  const [row] = await db.sql<{ rows_in: number; rows_accepted: number; rows_quarantined: number; layer_id: string }[]>`
    select rows_in, rows_accepted, rows_quarantined, layer_id from app.load where load_id = ${id}`;
  return row!;
}

/** What stands in the table, without what every load gives anew. */
async function content(layer: string): Promise<Map<string, string>> {
  const rows = await db.sql.unsafe<{ key: string; row: string }[]>(`
    select source_id as key, (to_jsonb(t) - 'load_id' - 'valid_from' - 'geom_3857' - 'geom')::text
      || coalesce(st_astext(st_snaptogrid(geom, 0.0000001)), '') as row
    from ${tableName(getLayer(layer), 'layers')} t`);
  return new Map(rows.map(({ key, row }) => [key, row]));
}

/** The downloaded file as anybody would read it. */
async function readBack(path: string, past: PastLoad): Promise<Rejects> {
  const { source } = await openFile(path, {
    gdal: startGdal,
    ...(past.encoding === null ? {} : { encoding: past.encoding }),
  });
  const [line, code, why] = leadingColumns(past.format);
  const rows: Rejects['rows'] = [];
  for await (const batch of source.batches()) {
    for (const [i, record] of batch.rows.entries()) {
      const cells = cellsOf(source.columns, record);
      rows.push({
        line: Number(cells.get(line)),
        code: String(cells.get(code)),
        reason: String(cells.get(why)),
        cells,
        geometry: batch.geometries?.[i] ?? null,
      });
    }
  }
  await source.close();
  const columns = source.columns.filter((column) => ![line, code, why].includes(column));
  return { columns, rows, hasGeometry: source.hasGeometry, crs: source.crs };
}

/** Downloads, and lets the department mend: `mend` changes the cells of a row. Returns the file to hand in. */
async function handOut(load: number, mend: (code: string, cells: Map<string, unknown>) => void) {
  const past = await getPastLoad(db, load);
  const rejects = await readRejects(db, past, 'staff', startGdal);
  const path = await writeRejects(await mkdtemp(join(scratch, 'out-')), past, rejects);
  const found = await readBack(path, past);
  const mended = found.rows.map((row) => {
    const cells = new Map(row.cells);
    mend(row.code, cells);
    return { ...row, cells };
  });
  const back = await writeRejects(await mkdtemp(join(scratch, 'back-')), past, { ...found, rows: mended });
  return { past, path, found, back };
}

function correct(load: number, file: string) {
  return loadCorrections({ db, load, file, folder: join(scratch, 'corrected'), deliveryDir: district.dir });
}

const FORMATS = [
  { layer: 'fire_hydrant', format: 'csv', extension: 'csv', field: 'pressure_mpa', good: '0.3' },
  { layer: 'enterprise', format: 'csv', extension: 'csv', field: 'industry_section', good: 'C' },
  { layer: 'fire_station', format: 'xlsx', extension: 'xlsx', field: 'vehicles', good: '7' },
  { layer: 'park', format: 'geojson', extension: 'geojson', field: 'area_m2', good: 1234 },
  { layer: 'industrial_park', format: 'shapefile', extension: 'zip', field: 'area_m2', good: 1234 },
  { layer: 'construction_site', format: 'gpkg', extension: 'gpkg', field: 'floor_area_m2', good: 1234 },
] as const;

describe.each(FORMATS)('$layer as $format', ({ layer: id, format, extension, field, good }) => {
  test('rows go out in the format they came in, come back mended, and nothing else changes', async () => {
    const layer = getLayer(id);
    const columnOf = (name: string) => layer.source.columns?.[name] ?? name;
    const load = await liveLoad(id);
    const before = await content(id);
    const loaded = await loadRow(load);
    const values = Object.keys(layer.fields[field]!.values ?? {});
    const [faulty] = await db.sql<{ line: number; code: string }[]>`
      select line, code from app.reject where load_id = ${load} and field = ${field} order by line limit 1`;

    const { path, past, found, back } = await handOut(load, (code, cells) => {
      if (code === 'DUPLICATE_KEY') cells.set(columnOf(layer.key), newKey(id));
      if (code === faulty!.code) cells.set(columnOf(field), values.includes(String(good)) ? good : (good ?? null));
    });
    expect(past.format).toBe(format);
    expect(basename(path)).toBe(`${id}-${load}-rejects.${extension}`);
    // All of the rows, each with its reason, under the columns of the department.
    expect(found.rows).toHaveLength(loaded.rows_quarantined);
    const stored = await db.sql<{ line: number; code: string }[]>`
      select line, code from app.reject where load_id = ${load} order by line`;
    expect(found.rows.map(({ line, code }) => ({ line, code }))).toEqual([...stored]);
    for (const name of sourceFields(layer)) expect(found.columns).toContain(columnOf(name));
    // What the loader finds out itself is nothing that a department could mend.
    const derived = Object.keys(layer.fields).filter((name) => layer.fields[name]!.derived !== undefined);
    for (const name of derived) expect(found.columns).not.toContain(columnOf(name));

    const { report, merged } = await correct(load, back);
    expect(report.error).toBeNull();
    expect(report.status).toBe('published');
    expect(merged.corrected).toBe(2);
    expect(merged.unchanged).toBe(loaded.rows_quarantined - 2);
    expect(merged.missing).toBe(0);
    expect(report.rows).toMatchObject({
      in: loaded.rows_in,
      accepted: loaded.rows_accepted + 2,
      quarantined: loaded.rows_quarantined - 2,
    });
    const after = await content(id);
    expect(after.size).toBe(before.size + 2);
    for (const [key, row] of before) expect(after.get(key), key).toBe(row);
    expect(after.has(newKey(id))).toBe(true);

    // A second time: what the first correction left is mended from there.
    const second = await handOut(await liveLoad(id), () => {});
    expect(second.found.rows).toHaveLength(loaded.rows_quarantined - 2);
    // The earlier load is no longer the last word.
    await expect(correct(load, back)).rejects.toMatchObject({ code: 'BAD_USAGE' });
  });
});

/** A key of the right pattern that no row has. */
function newKey(id: string): string {
  return {
    fire_hydrant: 'XH88881',
    enterprise: makeUscc(97_000_000),
    fire_station: 'XF881',
    park: 'GY8881',
    industrial_park: 'YQ881',
    construction_site: 'GD88881',
  }[id]!;
}

test('a CSV keeps its encoding and its column names', async () => {
  const id = 'elevator';
  const past = await getPastLoad(db, await liveLoad(id));
  const path = await writeRejects(
    await mkdtemp(join(scratch, 'csv-')),
    past,
    await readRejects(db, past, 'staff', startGdal),
  );
  const bytes = await readFile(path);
  const original = iconv.decode(await readFile(join(district.dir, getLayer(id).source.file)), 'gb18030');
  const [header, ...lines] = iconv.decode(bytes, 'gb18030').trimEnd().split('\r\n');
  const handedIn = original.split('\r\n', 1)[0]!;
  // One of the planted rows is too long, and its last cell has no name.
  expect(header).toBe(`退回行号,退回代码,退回原因,${handedIn},#${handedIn.split(',').length + 1}`);
  expect(lines).toHaveLength((await loadRow(await liveLoad(id))).rows_quarantined);
  expect(bytes.toString('utf8')).not.toContain('退回');
});

describe('persons', () => {
  test('are masked in the file, and come back whole when another cell is mended', async () => {
    const id = 'person';
    const load = await liveLoad(id);
    const { columns = {} } = getLayer(id).source;
    const before = await content(id);
    const [fault] = await db.sql<{ raw: Record<string, string>; line: number }[]>`
      select raw, line from app.reject where load_id = ${load} and code = 'BAD_VALUE' and field = 'sex'
      order by length(raw ->> ${columns['id_no']!}) desc limit 1`;
    expect(fault).toBeDefined();
    const { path, back } = await handOut(load, (code, cells) => {
      if (code === 'BAD_VALUE') cells.set(columns['sex']!, '女');
    });
    const text = iconv.decode(await readFile(path), 'gb18030');
    const rejected = await db.sql<{ raw: Record<string, string> }[]>`
      select raw from app.reject where load_id = ${load} and code not in ('REPEATED_HEADER', 'FOOTER_ROW')`;
    for (const { raw } of rejected) {
      for (const field of ['person_id', 'name', 'id_no', 'birth_date', 'household_id']) {
        const value = raw[columns[field] ?? field] ?? '';
        if (value.length > 1) expect(text, field).not.toContain(value);
      }
    }

    const { report, merged } = await correct(load, back);
    expect(report.error).toBeNull();
    expect(merged.corrected).toBeGreaterThanOrEqual(1);
    const after = await content(id);
    expect(after.size).toBe(before.size + merged.corrected);
    const key = fault!.raw[columns['person_id'] ?? 'person_id']!;
    const [row] = await db.sql<{ name: string; id_no: string; sex: string }[]>`
      select name, id_no, sex from layers.person where source_id = ${key}`;
    expect(row).toEqual({
      name: fault!.raw[columns['name'] ?? 'name'],
      id_no: fault!.raw[columns['id_no'] ?? 'id_no'] || null,
      sex: 'F',
    });
  });
});

describe('refused', () => {
  test('a line that was not set aside, a file without the line, a file that was replaced', async () => {
    const id = 'hospital';
    const load = await liveLoad(id);
    const count = (await content(id)).size;
    const { path } = await handOut(load, () => {});
    const text = await readFile(path, 'utf8');
    const stray = join(scratch, 'stray.csv');
    await writeFile(stray, text.replace(/^\d+,/m, '2,'));
    await expect(correct(load, stray)).rejects.toMatchObject({ code: 'UNREADABLE' });
    const bare = join(scratch, 'bare.csv');
    await writeFile(bare, text.replace('退回行号', '行'));
    await expect(correct(load, bare)).rejects.toMatchObject({ code: 'MISSING_COLUMN' });

    const original = join(district.dir, getLayer(id).source.file);
    const kept = join(scratch, 'hospital.csv');
    await copyFile(original, kept);
    try {
      await writeFile(original, (await readFile(original, 'utf8')).replace('医院', '醫院'));
      await expect(correct(load, path)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    } finally {
      await copyFile(kept, original);
    }
    expect(await liveLoad(id)).toBe(load);
    expect((await content(id)).size).toBe(count);
  });
});
