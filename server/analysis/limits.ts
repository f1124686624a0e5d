import { ApiError } from '../errors.ts';

/** Bounds of one analysis. Whoever goes beyond one is told which. */
export const ANALYSIS_LIMITS = {
  /** Square kilometres of a shape: three times the district. */
  areaKm2: 500,
  /** Metres of a circle or a buffer. */
  bufferMetres: 20_000,
  /** Positions of a shape; those of stored features and buffers are simplified to it. */
  positions: 2000,
  /** Features that get a buffer. */
  bufferFeatures: 5000,
  /** Features a nearest-neighbour table starts from, and those it looks among. */
  nearestFrom: 2000,
  nearestTo: 300_000,
  /** Neighbours of each. */
  nearest: 50,
  /** Metres within which neighbours are looked for. */
  nearestMetres: 50_000,
  /** Features each side of an overlay has. */
  overlayFeatures: 20_000,
  /** Positions of their shapes. */
  overlayPositions: 3_000_000,
  /** Pieces an overlay may make. */
  overlayPieces: 50_000,
  /** Minutes of a reachable area, and its starting points. */
  minutes: 60,
  origins: 2500,
  /** Rows of a table that is attached to boundaries, and bytes of its file. */
  attachRows: 5000,
  attachBytes: 8_000_000,
  /** Rows that are kept as a layer. */
  saveRows: 200_000,
  /** Shapes that were drawn and are kept as a layer. */
  drawnShapes: 1000,
  drawnFields: 50,
  /** How long the database may work on one statement, ms. */
  statementMs: 15_000,
} as const;

/** Refuses what is too much, naming the limit. */
export function requireWithin(name: keyof typeof ANALYSIS_LIMITS, value: number, field: string): void {
  const limit = ANALYSIS_LIMITS[name];
  if (value <= limit) return;
  const shown = Number.isInteger(value) ? value : Number(value.toPrecision(4));
  throw new ApiError('LIMIT_EXCEEDED', `${field}: ${shown} is more than the limit ${name} = ${limit}.`, {
    field,
    value: shown,
  });
}
