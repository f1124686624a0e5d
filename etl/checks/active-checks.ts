import { type RejectCode, rejectCodes, type RepairCode, repairCodes } from './codes.ts';

/** What is said of a whole load, beside the codes of its rows. */
export type LoadCheck = 'ROW_COUNT' | 'ROW_CHANGE' | 'STALE';
export type Check = RejectCode | RepairCode | LoadCheck;

/** Which checks and repairs are made. */
export type ActiveChecks = ReadonlySet<Check>;

/** Every check and repair there is. Loads make them all. */
export const ALL_CHECKS: ActiveChecks = new Set<Check>([
  ...(Object.keys(rejectCodes) as RejectCode[]),
  ...(Object.keys(repairCodes) as RepairCode[]),
  'ROW_COUNT',
  'ROW_CHANGE',
  'STALE',
]);

/** Of what the service has computed from rows that were checked before: values stay as they are, shapes must be ones. */
export const RESULT_CHECKS: ActiveChecks = new Set<Check>([
  'BAD_TYPE',
  'BAD_GEOMETRY',
  'WRONG_GEOMETRY_KIND',
  'RING_CLOSED',
  'MADE_VALID',
  'ROW_COUNT',
]);

/** Of a file that nobody has defined nobody has said how long a text may be, or what it is written in. */
export const USER_CHECKS: ActiveChecks = new Set(
  [...ALL_CHECKS].filter((check) => check !== 'TEXT_TOO_LONG' && check !== 'MOJIBAKE'),
);
