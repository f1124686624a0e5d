/**
 * A layer's filterable columns in memory. Rows `[0, located)` have a place and stand in the order of their H3 cell;
 * rows `[located, rows)` have none. Every array is as long as `rows`, except `lon`, `lat`, `cellLow`, `cellHigh`
 * (`located`).
 */
export interface ColumnTable {
  layer: string;
  load: number;
  rows: number;
  located: number;
  /**
   * The H3 cell at resolution 12 without its constant bits: base cell (7 bits) and 12 digits (36 bits) make a key of 43
   * bits. `cellLow` holds the lower 32; the upper 11 are the same for a whole district, and then `cellHigh` is a number.
   */
  cellLow: Uint32Array;
  cellHigh: Uint16Array | number;
  /** EPSG:4326 degrees, exactly as stored. Empty for layers of lines and polygons, whose place is not one point. */
  lon: Float64Array;
  lat: Float64Array;
  cells: { grid: TextColumn; community: TextColumn; town: TextColumn };
  fields: ReadonlyMap<string, Column>;
  /** Memory held by the arrays and dictionaries, bytes (dictionaries estimated). */
  bytes: number;
}

/** `codes[row]` is an index of `dictionary`, which is in code point order. Code 0 means no value. */
export interface TextColumn {
  kind: 'text';
  codes: Uint8Array | Uint16Array | Uint32Array;
  dictionary: readonly string[];
}

/** Whole numbers, and dates as days since 2000-01-01. `none` stands for no value. */
export interface IntColumn {
  kind: 'int';
  values: Int8Array | Int16Array | Int32Array;
  none: number;
}

/** Numbers, and times as microseconds since 2000-01-01T00:00Z. NaN means no value. */
export interface FloatColumn {
  kind: 'float';
  values: Float64Array;
}

/** 0 no value, 1 false, 2 true. */
export interface BoolColumn {
  kind: 'bool';
  values: Uint8Array;
}

export type Column = TextColumn | IntColumn | FloatColumn | BoolColumn;
