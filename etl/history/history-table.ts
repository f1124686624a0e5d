/** Longest name PostgreSQL keeps, bytes. Ids of layers are ASCII. */
const LONGEST = 63;

/** Name of the table a replaced load has in schema `history`: `<layer>__<load>`. The load alone makes it unique. */
export function historyTable(layerId: string, load: number): string {
  const end = `__${load}`;
  return `${layerId.slice(0, LONGEST - end.length)}${end}`;
}

/** Name of an index of that table: names of indexes are unique in a schema, too. `name` is the one it had while live. */
export function historyIndex(layerId: string, load: number, name: string): string {
  const suffix = name.startsWith(`${layerId}_`) ? name.slice(layerId.length) : `_${name}`;
  const start = historyTable(layerId, load);
  return start.length + suffix.length <= LONGEST ? `${start}${suffix}` : `v${load}${suffix}`.slice(0, LONGEST);
}
