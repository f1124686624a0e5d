import type { Text } from '../../layers/define.ts';

/** How the rows are first written down, row by row and in constant memory. */
export type RowForm = 'csv' | 'xlsx' | 'geojson' | 'geojsonseq' | 'parquet';

export interface ExportFormat {
  title: Text;
  /** What the rows are written as; of a format that GDAL makes, what it is given. */
  rows: RowForm;
  /** Ending of the file. */
  extension: string;
  /** Name of GDAL's driver, where GDAL makes the file in a process of its own. */
  driver?: string;
  /** Rows the format itself, or what makes it, can take. */
  mostRows?: number;
  /** May be sent bare, without the zip around it. */
  mediaType?: string;
}

/** GDAL holds a shapefile or a GeoPackage in 4 GB of memory at most; a page of the KML specification says nothing, programs do. */
const GDAL_ROWS = 1_000_000;

/** What a selection can be exported as. GDAL's come through a file of GeoJSON, one feature a line. */
export const exportFormats = {
  csv: {
    title: { zh: 'CSV 表格', en: 'CSV table' },
    rows: 'csv',
    extension: 'csv',
    mediaType: 'text/csv; charset=utf-8',
  },
  // A sheet has 1 048 576 rows, one of them the heading.
  xlsx: { title: { zh: 'Excel 工作簿', en: 'Excel workbook' }, rows: 'xlsx', extension: 'xlsx', mostRows: 1_048_575 },
  geojson: {
    title: { zh: 'GeoJSON', en: 'GeoJSON' },
    rows: 'geojson',
    extension: 'geojson',
    mediaType: 'application/geo+json',
  },
  geojsonseq: {
    title: { zh: 'GeoJSON（每行一个要素）', en: 'GeoJSON, one feature a line' },
    rows: 'geojsonseq',
    extension: 'geojsonl',
    mediaType: 'application/x-ndjson',
  },
  shapefile: {
    title: { zh: 'Shapefile', en: 'Shapefile' },
    rows: 'geojsonseq',
    extension: 'shp',
    driver: 'ESRI Shapefile',
    mostRows: GDAL_ROWS,
  },
  gpkg: {
    title: { zh: 'GeoPackage', en: 'GeoPackage' },
    rows: 'geojsonseq',
    extension: 'gpkg',
    driver: 'GPKG',
    mostRows: GDAL_ROWS,
  },
  fgb: {
    title: { zh: 'FlatGeobuf', en: 'FlatGeobuf' },
    rows: 'geojsonseq',
    extension: 'fgb',
    driver: 'FlatGeobuf',
    mostRows: GDAL_ROWS,
  },
  parquet: { title: { zh: 'GeoParquet', en: 'GeoParquet' }, rows: 'parquet', extension: 'parquet' },
  kml: {
    title: { zh: 'KML', en: 'KML' },
    rows: 'geojsonseq',
    extension: 'kml',
    driver: 'KML',
    mostRows: 200_000,
  },
} as const satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof exportFormats;

export const exportFormatNames = Object.keys(exportFormats) as [ExportFormatName, ...ExportFormatName[]];

export function exportFormat(name: ExportFormatName): ExportFormat {
  return exportFormats[name];
}
