import type { Point } from '../plane.ts';

export type Value = string | number | boolean | null;

/** Geometry in EPSG:4326 degrees. Rings are closed; the first is the exterior. */
export type Shape =
  | { type: 'Point'; at: Point }
  | { type: 'LineString'; line: readonly Point[] }
  | { type: 'Polygon'; rings: readonly (readonly Point[])[] };

/** One row of a department's file, by field id. */
export interface Row {
  values: Record<string, Value>;
  shape?: Shape | null;
  /** Damage that is not a matter of values or shape. */
  damage?: {
    /** x and y trade places in the file. */
    isSwapped?: boolean;
    /** Texts written instead of the coordinates. */
    coordinates?: readonly [string, string];
    /** One cell too many. */
    isTooLong?: boolean;
    /** What becomes of the cells of the line; delimited text only. */
    cells?: (cells: string[]) => string[];
  };
}

/** A file being written. `write` keeps only a small buffer; `finish` resolves when the file is complete. */
export interface RowWriter {
  write(row: Row): void;
  finish(): Promise<void>;
}
