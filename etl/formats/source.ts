import type { Geometry } from 'geojson';
import type { RasterFormat, SourceFormat } from '../../layers/define.ts';
import type { EncodedRows, RowPlan } from '../steps/row-encoder.ts';
import type { TextTable } from './text-table.ts';

/** A run of records under the source's own column names, with loose types. */
export interface Batch {
  /** One array of values per record, in the order of `RecordSource.columns`. Another length = a malformed row. */
  rows: unknown[][];
  /** CSV: line on which the record begins. XLSX: row of the sheet. Otherwise: number of the record, from 1. */
  lines: ArrayLike<number> & Iterable<number>;
  /** Geometry per record in source coordinates; absent when the format has none. */
  geometries?: (Geometry | null)[];
  /** The same records as bytes, where they come from delimited text. */
  text?: TextTable;
  /** These encoded, where somebody has asked for it. */
  encoded?: EncodedRows;
  /** Says that nobody will look at the batch any more, so that its memory may be used for another; not for all there is such a use. */
  release?: () => void;
}

/** A CRS that the file itself names. */
export interface DeclaredCrs {
  /** `EPSG:n`, or a WKT / PROJ text that proj4 understands. */
  crs: string;
  /** How it is shown to people: the code, or the name in the WKT. */
  name: string;
  /** Where it was found: `.prj`, `crs member`, `gpkg_spatial_ref_sys`, `RFC 7946`. */
  from: string;
}

/** Formats of files that hold records. */
export type FileFormat = Exclude<SourceFormat, RasterFormat>;

/** An opened file. Reading starts with `batches()`, once. */
export interface RecordSource {
  format: FileFormat;
  columns: readonly string[];
  encoding: string;
  hasGeometry: boolean;
  crs: DeclaredCrs | null;
  /** Things worth telling people: ignored members, further layers in the file, warnings of GDAL. */
  notes: string[];
  batches(): AsyncIterable<Batch>;
  /** From here on rows may come encoded: whoever reads ahead has the time for it. */
  encode?(plan: RowPlan): void;
  /** Share read so far, 0..1. */
  progress(): number;
  close(): Promise<void>;
}
