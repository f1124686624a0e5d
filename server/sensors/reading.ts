/**
 * Readings of sensors, and how to work with them as they come.
 *
 * What was measured is in `app.reading (sensor, metric, at, value)`, a partition a day; the newest of each metric in
 * `app.sensor_latest`; who measures, how often and where in `app.sensor`. A sensor is named `<layer>:<key of the feature>`, a
 * metric is a field of that layer.
 *
 * Two ways to be told of readings that sensors sent (those of delivered files are history, and are not told):
 * - `ReadingIntake.onReadings(listener)`: in this process, right after the commit, what this process stored. Fast, and lost
 *   with the process: for screens, never for alarms.
 * - `followReadings(duties, { name, handle })`: every reading exactly once, whichever process took it in and whichever deals
 *   with it, in the order in which they were committed, inside the transaction that also notes them as dealt with
 *   (`follow-readings.ts`). For rules.
 *
 * A reading is told once: one that is sent again is not new, and one whose instant is taken by another value is refused.
 * Readings may come late: `at` need not ascend, not even for one metric of one sensor.
 */
export interface Reading {
  /** `<layer>:<key>`, as in `app.sensor.id`. */
  sensor: string;
  /** Field of the layer. */
  metric: string;
  /** When it was measured, ms since 1970. */
  at: number;
  value: number;
}
