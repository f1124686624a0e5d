/**
 * A CQL2 expression (OGC 21-065r2) as both encodings say it, before it is checked against a layer. Operators have the
 * names they have in CQL2 JSON, in lower case. `at` is the place in the filter, for messages.
 */
export type Cql2Node = { at: string } & (
  | { kind: 'op'; op: string; args: readonly Cql2Node[] }
  | { kind: 'property'; name: string }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'date' | 'timestamp'; value: string }
  | { kind: 'interval'; ends: readonly [Cql2Node, Cql2Node] }
  /** GeoJSON, not checked. */
  | { kind: 'geometry'; type: string; coordinates: unknown }
  | { kind: 'bbox'; bbox: unknown }
  | { kind: 'list'; items: readonly Cql2Node[] }
);

/** Expressions in expressions, whatever they are: beyond it a text is refused before it is understood. */
export const DEEPEST_NODE = 64;
