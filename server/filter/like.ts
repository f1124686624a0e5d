/** A-Z as a-z, as `lower` does it by code point; all other letters stay. */
export function lowerLatin(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** A pattern that matches exactly this text. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

/**
 * SQL LIKE as PostgreSQL does it: `%` any text, `_` one character, `\` takes the next character literally. Works on
 * code points in time proportional to text × pattern, so a hostile pattern costs no more than a long one.
 */
export function compileLike(pattern: string, ignoreCase = false): (text: string) => boolean {
  if (ignoreCase) {
    const matches = compileLike(lowerLatin(pattern));
    return (text) => matches(lowerLatin(text));
  }
  const ANY = '%';
  const ONE = '_';
  const tokens: { literal: string | null; kind: 'literal' | 'any' | 'one' }[] = [];
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === '\\') tokens.push({ kind: 'literal', literal: characters[++i] ?? '\\' });
    else if (character === ANY) tokens.push({ kind: 'any', literal: null });
    else if (character === ONE) tokens.push({ kind: 'one', literal: null });
    else tokens.push({ kind: 'literal', literal: character });
  }
  return (text) => {
    const input = Array.from(text);
    let at = 0;
    let token = 0;
    let lastAny = -1;
    let resumeAt = 0;
    while (at < input.length) {
      const current = tokens[token];
      if (current?.kind === 'any') {
        lastAny = token++;
        resumeAt = at;
      } else if (current !== undefined && (current.kind === 'one' || current.literal === input[at])) {
        token++;
        at++;
      } else if (lastAny >= 0) {
        // The last `%` swallows one character more.
        token = lastAny + 1;
        at = ++resumeAt;
      } else {
        return false;
      }
    }
    while (tokens[token]?.kind === 'any') token++;
    return token === tokens.length;
  };
}
