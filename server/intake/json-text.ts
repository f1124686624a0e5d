/** What is wrong with a JSON text that a parser would let pass, or would call by no name. */
export interface JsonProblem {
  message: string;
  /** Path of the member at fault, e.g. `incidents.3.lon`; `body` where it is all of it. */
  field: string;
}

/** No message of any format is nested deeper; parsers and checks that call themselves would run out of stack. */
const DEEPEST = 256;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

interface Level {
  /** Names of an object so far; null in an array. */
  names: Set<string> | null;
  name: string;
  index: number;
}

/**
 * How many members the objects of a JSON text have, a name that is there twice counted twice. NaN: nested without end, or a text
 * in it does not end.
 */
export function countMembers(text: string): number {
  let [members, depth] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at + 1);
      if (at < 0) return NaN;
    } else if (code === COLON) members += 1;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
      if (depth > DEEPEST) return NaN;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth -= 1;
  }
  return members;
}

/** How many members the objects of a value have. A name that its text had twice is one. Not for what is nested without end. */
export function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (typeof item === 'object') members += membersOf(item);
    return members;
  }
  for (const name of Object.keys(value)) {
    members += 1;
    const member = (value as Record<string, unknown>)[name];
    if (typeof member === 'object') members += membersOf(member);
  }
  return members;
}

/**
 * Looks a JSON text over without building it: a name that an object has twice (of which parsers keep either), and depth
 * without end. Whether it is JSON at all is the parser's to say.
 */
export function findJsonProblem(text: string): JsonProblem | undefined {
  const levels: Level[] = [];
  let expectsName = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= SPACE) continue;
    const level = levels.at(-1);
    if (code === QUOTE) {
      const end = endOfString(text, at + 1);
      if (end < 0) return undefined;
      if (expectsName && level?.names) {
        const raw = text.slice(at + 1, end);
        const name = raw.includes('\\') ? unescape(raw) : raw;
        level.name = name;
        if (level.names.has(name)) {
          const field = pathOf(levels);
          return { message: `${field}: the name is there twice`, field };
        }
        level.names.add(name);
        expectsName = false;
      }
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (levels.length >= DEEPEST) {
        return { message: `body: nested deeper than ${DEEPEST} levels`, field: levels[0]?.name || 'body' };
      }
      levels.push({ names: code === OPEN_OBJECT ? new Set() : null, name: '', index: 0 });
      expectsName = code === OPEN_OBJECT;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      levels.pop();
      expectsName = false;
    } else if (code === COMMA) {
      if (level) level.index += 1;
      expectsName = level?.names != null;
    } else if (code === COLON) expectsName = false;
  }
  return undefined;
}

function endOfString(text: string, from: number): number {
  for (let at = from; ;) {
    const end = text.indexOf('"', at);
    if (end < 0) return -1;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH && end - 1 - backslashes >= from) backslashes++;
    if (backslashes % 2 === 0) return end;
    at = end + 1;
  }
}

/** The same name can be written in many ways: `a` and `\u0061`. */
function unescape(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

function pathOf(levels: readonly Level[]): string {
  return levels
    .map(({ names, name, index }) => (names ? name : String(index)))
    .join('.')
    .slice(0, 200);
}
