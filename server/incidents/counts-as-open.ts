/**
 * What open incidents are counted by, wherever their number is told: reports of the same thing are one matter, counted with the
 * first of them, which says how many there are. Lists name every report.
 */

/** The condition on a row of `app.incident`. */
export const COUNTS_AS_OPEN = "(state = 'open' and parent_id is null)";

/** The same of those that were closed: the end of a matter is one end, whatever the number of its reports. */
export const COUNTS_AS_CLOSED = "(state = 'closed' and parent_id is null)";
