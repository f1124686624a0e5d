import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Layer } from '../../layers/define.ts';
import type { ExportColumn } from './columns.ts';
import type { Cell, ExportRow } from './read-rows.ts';
import type { RowWriter, Sink } from './row-writer.ts';

/** Rows of a row group: what is held in memory before it is written. */
const GROUP = 20_000;

const GEOMETRY = 'geometry';

/** Kinds of geometry a column may hold, as GeoParquet names them. */
const GEOMETRY_TYPES = {
  point: ['Point'],
  table: ['Point'],
  line: ['MultiLineString'],
  polygon: ['MultiPolygon'],
  raster: [],
} as const;

function element({ as: name, type, mask }: ExportColumn): SchemaElement {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  // A masked value is a text, whatever the field holds.
  switch (mask === undefined ? type : 'string') {
    case 'string':
      return { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case 'int':
      return { ...optional, type: 'INT32' };
    case 'int8':
      return { ...optional, type: 'INT64' };
    case 'number':
      return { ...optional, type: 'DOUBLE' };
    case 'bool':
      return { ...optional, type: 'BOOLEAN' };
    case 'date':
      return { ...optional, type: 'INT32', converted_type: 'DATE' };
    case 'datetime':
      return { ...optional, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
  }
}

function toValue({ type, mask }: ExportColumn, cell: Cell): unknown {
  if (cell === null || mask !== undefined) return cell;
  if (type === 'int8') return BigInt(cell);
  if (type === 'date' || type === 'datetime') return new Date(cell as string);
  return cell;
}

/** GeoParquet 1.1: WKB in the column `geometry`, longitude and latitude of WGS 84 (OGC:CRS84, its default). */
export function createParquetWriter(
  columns: readonly ExportColumn[],
  geometry: Layer['geometry'],
  sink: Sink,
): RowWriter {
  const bytes = new ByteWriter(1 << 20);
  const flush = async (): Promise<void> => {
    const chunk = bytes.getBytes().slice();
    bytes.index = 0;
    if (chunk.length > 0) await sink(chunk);
  };
  const geo = {
    version: '1.1.0',
    primary_column: GEOMETRY,
    columns: { [GEOMETRY]: { encoding: 'WKB', geometry_types: GEOMETRY_TYPES[geometry] } },
  };
  const file = new ParquetWriter({
    writer: Object.assign(bytes, { flush, finish: flush }),
    schema: [
      { name: 'root', num_children: columns.length + 1 },
      ...columns.map(element),
      { name: GEOMETRY, type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
    ],
    kvMetadata: [{ key: 'geo', value: JSON.stringify(geo) }],
    createdBy: 'One Map',
  });
  let waiting: ExportRow[] = [];

  async function writeGroup(): Promise<void> {
    const rows = waiting;
    waiting = [];
    const columnData = columns.map((column, index) => ({
      name: column.as,
      data: rows.map(({ cells }) => toValue(column, cells[index] ?? null)),
    }));
    await file.write({
      columnData: [
        ...columnData,
        // Bounds of bytes say nothing.
        { name: GEOMETRY, data: rows.map(({ place }) => place), statistics: false },
      ],
      rowGroupSize: GROUP,
    });
  }

  return {
    begin: async () => {},
    async write(rows) {
      waiting.push(...rows);
      if (waiting.length >= GROUP) await writeGroup();
    },
    async end() {
      if (waiting.length > 0) await writeGroup();
      await file.finish();
    },
  };
}
