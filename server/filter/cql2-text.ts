import { refuse } from './check.ts';
import { DEEPEST_NODE, type Cql2Node } from './cql2-node.ts';

interface Token {
  kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end';
  /** A word in upper case; a name, text or number as it is meant. */
  value: string;
  /** What was written. */
  raw: string;
  /** Of its first character, from 1. */
  position: number;
}

const SPACE = /\s+/uy;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_.$:]*/uy;
const NUMBER = /(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?/iy;
const SIGN = /<>|<=|>=|[=<>(),+\-*/%^]/y;
const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='];
const GEOMETRIES = new Map([
  ['POINT', 'Point'],
  ['POLYGON', 'Polygon'],
  ['MULTIPOLYGON', 'MultiPolygon'],
  ['LINESTRING', 'LineString'],
  ['MULTILINESTRING', 'MultiLineString'],
  ['MULTIPOINT', 'MultiPoint'],
  ['GEOMETRYCOLLECTION', 'GeometryCollection'],
]);
/** Words that are no names of properties unless quoted. */
const KEYWORDS = new Set(['AND', 'OR', 'NOT', 'LIKE', 'BETWEEN', 'IN', 'IS', 'NULL', 'TRUE', 'FALSE', 'DIV']);

/** True when a property can be written without quotes. */
export function isBareName(name: string): boolean {
  return /^[a-z_][a-z0-9_]*$/i.test(name) && !KEYWORDS.has(name.toUpperCase());
}

/** Reads CQL2 text. Throws `FILTER_INVALID` naming the character where it stops making sense. */
export function readCql2Text(text: string, at: string): Cql2Node {
  const parser = new Parser(text, at);
  const node = parser.expression(1);
  parser.expectEnd();
  return node;
}

class Parser {
  private readonly text: string;
  private readonly at: string;
  private index = 0;
  private token: Token;

  constructor(text: string, at: string) {
    this.text = text;
    this.at = at;
    this.token = this.read();
  }

  private place(position: number): string {
    return `${this.at}, character ${position}`;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.index;
    const match = pattern.exec(this.text);
    if (match !== null) this.index += match[0].length;
    return match;
  }

  private read(): Token {
    this.match(SPACE);
    const position = this.index + 1;
    if (this.index >= this.text.length) return { kind: 'end', value: '', raw: 'the end', position };
    let match = this.match(WORD);
    if (match !== null) return { kind: 'word', value: match[0].toUpperCase(), raw: match[0], position };
    match = this.match(NUMBER);
    if (match !== null) return { kind: 'number', value: match[0], raw: match[0], position };
    match = this.match(SIGN);
    if (match !== null) return { kind: 'sign', value: match[0], raw: match[0], position };
    const quote = this.text[this.index];
    if (quote === '"' || quote === "'") {
      const value = this.quoted(quote, position);
      return { kind: quote === '"' ? 'name' : 'text', value, raw: this.text.slice(position - 1, this.index), position };
    }
    const character = String.fromCodePoint(this.text.codePointAt(this.index) ?? 0);
    return refuse(this.place(position), `${JSON.stringify(character)} is not CQL2`, character);
  }

  /**
   * What is in quotes. A quote within is written twice; in a text also after a backslash, unless that is one of a pair.
   * Other backslashes are as they stand.
   */
  private quoted(quote: string, position: number): string {
    const { text } = this;
    let value = '';
    let from = this.index + 1;
    for (let at = from; at < text.length; at++) {
      if (text[at] === '\\' && quote === "'") {
        const isEscape = text[at + 1] === quote;
        if (isEscape) {
          value += text.slice(from, at);
          from = at + 1;
        }
        // The character after a backslash ends nothing, be it a quote or the other one of a pair.
        if (isEscape || text[at + 1] === '\\') at += 1;
      } else if (text[at] === quote) {
        value += text.slice(from, at);
        if (text[at + 1] !== quote) {
          this.index = at + 1;
          return value;
        }
        from = at += 1;
      }
    }
    return refuse(this.place(position), 'a quote is not closed', quote);
  }

  private next(): Token {
    const { token } = this;
    this.token = this.read();
    return token;
  }

  private is(value: string): boolean {
    return (this.token.kind === 'word' || this.token.kind === 'sign') && this.token.value === value;
  }

  private take(value: string): boolean {
    const found = this.is(value);
    if (found) this.next();
    return found;
  }

  private unexpected(expected: string): never {
    const { raw, position } = this.token;
    return refuse(this.place(position), `expected ${expected}, not ${raw.slice(0, 40)}`, raw);
  }

  private expect(value: string): void {
    if (!this.take(value)) this.unexpected(value);
  }

  expectEnd(): void {
    if (this.token.kind !== 'end') this.unexpected('AND, OR or the end');
  }

  expression(depth: number): Cql2Node {
    if (depth > DEEPEST_NODE) refuse(this.place(this.token.position), `is nested deeper than ${DEEPEST_NODE}`);
    return this.chain('OR', () => this.chain('AND', () => this.factor(depth)));
  }

  private chain(word: 'AND' | 'OR', part: () => Cql2Node): Cql2Node {
    const first = part();
    const args = [first];
    while (this.take(word)) args.push(part());
    return args.length === 1 ? first : { kind: 'op', op: word.toLowerCase(), args, at: first.at };
  }

  private factor(depth: number): Cql2Node {
    const at = this.place(this.token.position);
    if (depth > DEEPEST_NODE) refuse(at, `is nested deeper than ${DEEPEST_NODE}`);
    if (this.take('NOT')) return { kind: 'op', op: 'not', args: [this.factor(depth + 1)], at };
    if (this.take('(')) {
      const inner = this.expression(depth + 1);
      this.expect(')');
      return this.is('=') || this.is('<') ? this.unexpected('AND, OR or the end') : inner;
    }
    return this.predicate(depth);
  }

  private predicate(depth: number): Cql2Node {
    const left = this.operand(depth);
    const { at } = left;
    if (this.token.kind === 'sign' && COMPARISONS.includes(this.token.value)) {
      const op = this.next().value;
      return { kind: 'op', op, args: [left, this.operand(depth)], at };
    }
    if (this.take('IS')) {
      const isNot = this.take('NOT');
      this.expect('NULL');
      return negated(isNot, { kind: 'op', op: 'isnull', args: [left], at });
    }
    const isNot = this.take('NOT');
    if (this.take('LIKE')) return negated(isNot, { kind: 'op', op: 'like', args: [left, this.operand(depth)], at });
    if (this.take('BETWEEN')) {
      const low = this.operand(depth);
      this.expect('AND');
      return negated(isNot, { kind: 'op', op: 'between', args: [left, low, this.operand(depth)], at });
    }
    if (this.take('IN')) {
      const place = this.place(this.token.position);
      this.expect('(');
      const items = this.list(depth);
      return negated(isNot, { kind: 'op', op: 'in', args: [left, { kind: 'list', items, at: place }], at });
    }
    if (isNot) this.unexpected('LIKE, BETWEEN or IN');
    return left;
  }

  /** Operands up to the closing bracket; the opening one was taken. */
  private list(depth: number): Cql2Node[] {
    const items: Cql2Node[] = [];
    if (this.take(')')) return items;
    do items.push(this.operand(depth + 1));
    while (this.take(','));
    this.expect(')');
    return items;
  }

  private number(): number {
    const isNegative = this.take('-');
    if (!isNegative) this.take('+');
    if (this.token.kind !== 'number') this.unexpected('a number');
    const number = Number(this.next().value);
    return isNegative ? -number : number;
  }

  private operand(depth: number): Cql2Node {
    const { token } = this;
    const at = this.place(token.position);
    if (depth > DEEPEST_NODE) refuse(at, `is nested deeper than ${DEEPEST_NODE}`);
    let node: Cql2Node;
    if (token.kind === 'number' || this.is('-') || this.is('+')) node = { kind: 'literal', value: this.number(), at };
    else if (token.kind === 'text') node = { kind: 'literal', value: this.next().value, at };
    else if (token.kind === 'name') node = { kind: 'property', name: this.next().value, at };
    else if (token.kind === 'word' && !['NOT', 'AND', 'OR'].includes(token.value)) node = this.word(depth, at);
    else if (this.is('(')) return refuse(at, 'brackets around values are not supported', '(');
    else return this.unexpected('a property, a value or a condition');
    if (['+', '-', '*', '/', '%', '^', 'DIV'].some((sign) => this.is(sign))) {
      refuse(this.place(this.token.position), `arithmetic (${this.token.raw}) is not supported`, this.token.raw);
    }
    return node;
  }

  private word(depth: number, at: string): Cql2Node {
    const { value, raw } = this.next();
    if (value === 'TRUE' || value === 'FALSE') return { kind: 'literal', value: value === 'TRUE', at };
    const type = GEOMETRIES.get(value);
    if (type !== undefined && (this.is('(') || this.is('Z'))) {
      this.take('Z');
      const coordinates = this.coordinates(1);
      return {
        kind: 'geometry',
        type,
        coordinates: type === 'Point' ? (coordinates as unknown[])[0] : coordinates,
        at,
      };
    }
    if (!this.take('(')) {
      if (KEYWORDS.has(value)) refuse(at, `${raw} cannot stand here`, raw);
      return { kind: 'property', name: raw, at };
    }
    const args = this.list(depth);
    switch (value) {
      case 'DATE':
      case 'TIMESTAMP': {
        const [text] = args;
        if (args.length !== 1 || text?.kind !== 'literal' || typeof text.value !== 'string') {
          refuse(at, `${value} takes one text`);
        }
        return { kind: value === 'DATE' ? 'date' : 'timestamp', value: text.value, at };
      }
      case 'INTERVAL': {
        const [from, to] = args;
        if (args.length !== 2 || from === undefined || to === undefined) refuse(at, 'INTERVAL takes two instants');
        return { kind: 'interval', ends: [from, to], at };
      }
      case 'BBOX':
      case 'ENVELOPE':
        return { kind: 'bbox', bbox: args.map((arg) => (arg.kind === 'literal' ? arg.value : null)), at };
      default:
        return { kind: 'op', op: value.toLowerCase(), args, at };
    }
  }

  /** `((1 2, 3 4), …)` as nested lists. A list of numbers without commas is a position. */
  private coordinates(depth: number): unknown[] {
    if (depth > 4) refuse(this.place(this.token.position), 'has too many brackets');
    this.expect('(');
    const items: unknown[] = [];
    do {
      if (this.is('(')) {
        items.push(this.coordinates(depth + 1));
        continue;
      }
      const position = [this.number(), this.number()];
      while (this.token.kind === 'number' || this.is('-')) position.push(this.number());
      items.push(position);
    } while (this.take(','));
    this.expect(')');
    return items;
  }
}

function negated(isNot: boolean, node: Cql2Node): Cql2Node {
  return isNot ? { kind: 'op', op: 'not', args: [node], at: node.at } : node;
}
