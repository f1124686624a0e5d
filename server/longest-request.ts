/** Nobody waits longer for an answer, ms, whatever has become of the query behind it. */
export const LONGEST_REQUEST_MS = 60_000;
