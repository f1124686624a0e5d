/** Order of incidents or warnings: the gravest first (1 red … 4 blue, 0 none), of those the newest. */
export function gravestFirst<T extends { severity: number; id: number }>(a: T, b: T): number {
  return (a.severity || 5) - (b.severity || 5) || b.id - a.id;
}
