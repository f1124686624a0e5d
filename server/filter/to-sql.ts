import type postgres from 'postgres';
import { isPointLike } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import { lowerLatin } from './like.ts';
import { mortonRanges } from './morton-ranges.ts';
import { piecesOf } from './pieces.ts';
import { boundsOfPolygons, type Bbox, type FieldRef, type Predicate, type Scalar } from './predicate.ts';

/** A piece of a statement with its parameters. */
export type Fragment = postgres.Fragment;

/**
 * The predicate as an SQL condition on the columns of the layer's table (no alias). Values are parameters; identifiers
 * come from the layer's definition. The condition may be NULL where it is not true, as WHERE wants it.
 */
export function toSql(sql: postgres.Sql, layer: Layer, predicate: Predicate): Fragment {
  /** One field value with the column's type, so that the server never guesses it. */
  function parameter(field: FieldRef, value: Scalar): Fragment {
    switch (field.type) {
      case 'string':
        return sql`${value as string}::text`;
      case 'int':
        return sql`${value as number}::int4`;
      case 'number':
        return sql`${value as number}::float8`;
      case 'bool':
        return sql`${value as boolean}::bool`;
      case 'date':
        return sql`${value as string}::text::date`;
      case 'datetime':
        return sql`${value as string}::text::timestamptz`;
    }
  }

  /** Text is ordered by code point, whatever the database's language. */
  function column(field: FieldRef): Fragment {
    return field.type === 'string' ? sql`${sql(field.name)} collate "C"` : sql`${sql(field.name)}`;
  }

  /** The text of a field, A-Z as a-z where case does not count. */
  function lowered({ field, ignoreCase }: { field: FieldRef; ignoreCase?: true }): Fragment {
    return ignoreCase ? sql`lower(${sql(field.name)} collate "C")` : sql`${sql(field.name)}`;
  }

  /** In a piece of an area. It is read once, not with each row, also when the statement is planned for any value. */
  function covers(piece: string): Fragment {
    const area = sql`(select ${piece}::text::geometry)`;
    return isPointLike(layer)
      ? sql`(geom && ${area} and st_covers(${area}, geom))`
      : sql`(geom && ${area} and st_intersects(geom, ${area}))`;
  }

  /** A box without width or height is a line or a point: as a polygon it would be no valid one. */
  function boxGeometry([west, south, east, north]: Bbox): Fragment {
    if (west !== east && south !== north) {
      return sql`st_makeenvelope(${west}::float8, ${south}::float8, ${east}::float8, ${north}::float8, 4326)`;
    }
    const corner = sql`st_setsrid(st_makepoint(${west}::float8, ${south}::float8), 4326)`;
    if (west === east && south === north) return corner;
    return sql`st_makeline(${corner}, st_setsrid(st_makepoint(${east}::float8, ${north}::float8), 4326))`;
  }

  /** Candidates for the points in a box, by the index on `qk`. */
  function isNear(bbox: Bbox): Fragment {
    let any = sql`false`;
    for (const { low, high } of mortonRanges(bbox)) any = sql`${any} or (qk >= ${low}::int8 and qk < ${high}::int8)`;
    return sql`(${any})`;
  }

  function join(parts: readonly Predicate[], operator: Fragment, empty: Fragment): Fragment {
    const [first, ...rest] = parts;
    if (first === undefined) return empty;
    let all = compile(first);
    for (const part of rest) all = sql`${all} ${operator} ${compile(part)}`;
    return sql`(${all})`;
  }

  function compile(part: Predicate): Fragment {
    switch (part.kind) {
      case 'and':
        return join(part.of, sql`and`, sql`true`);
      case 'or':
        return join(part.of, sql`or`, sql`false`);
      case 'not':
        return sql`((${compile(part.of)}) is not true)`;
      case 'compare': {
        const left = column(part.field);
        const right = parameter(part.field, part.value);
        switch (part.op) {
          case '=':
            return sql`${sql(part.field.name)} = ${right}`;
          case '!=':
            return sql`${sql(part.field.name)} <> ${right}`;
          case '<':
            return sql`${left} < ${right}`;
          case '<=':
            return sql`${left} <= ${right}`;
          case '>':
            return sql`${left} > ${right}`;
          case '>=':
            return sql`${left} >= ${right}`;
        }
      }
      // falls through: the switch above is complete
      case 'between':
        return sql`${column(part.field)} between ${parameter(part.field, part.low)} and ${parameter(part.field, part.high)}`;
      case 'in': {
        const texts = part.values.map(String);
        const type = {
          string: 'text',
          int: 'int4',
          number: 'float8',
          bool: 'bool',
          date: 'date',
          datetime: 'timestamptz',
        };
        return sql`${sql(part.field.name)} = any((${sql.array(texts, 1009)}::text[])::${sql.unsafe(type[part.field.type])}[])`;
      }
      case 'like':
        return sql`${lowered(part)} like ${part.ignoreCase ? lowerLatin(part.pattern) : part.pattern}::text`;
      case 'contains':
        return sql`strpos(${lowered(part)}, ${part.ignoreCase ? lowerLatin(part.text) : part.text}::text) > 0`;
      case 'null':
        return sql`${sql(part.field.name)} is null`;
      case 'notnull':
        return sql`${sql(part.field.name)} is not null`;
      case 'bbox': {
        const [west, south, east, north] = part.bbox;
        const box = boxGeometry(part.bbox);
        return isPointLike(layer)
          ? sql`(${isNear(part.bbox)} and st_x(geom) between ${west}::float8 and ${east}::float8
              and st_y(geom) between ${south}::float8 and ${north}::float8)`
          : sql`(geom && ${box} and st_intersects(geom, ${box}))`;
      }
      case 'within': {
        const [first, ...rest] = piecesOf(part);
        if (first === undefined) return sql`false`;
        let any = covers(first);
        for (const piece of rest) any = sql`${any} or ${covers(piece)}`;
        return isPointLike(layer) ? sql`(${isNear(boundsOfPolygons(part.polygons))} and (${any}))` : sql`(${any})`;
      }
      case 'cells':
        return sql`${sql(`${part.by}_code`)} = any(${sql.array([...part.codes], 1009)}::text[])`;
      case 'outside':
        return sql`${sql(`${part.by}_code`)} is null`;
    }
  }

  return compile(predicate);
}
