/** A record of delimited text that has quotes somewhere in it. */
export interface QuotedRecord {
  fields: string[];
  /** Position behind its line break. */
  end: number;
  /** Line breaks in it, the one at its end included. */
  newlines: number;
}

/**
 * Reads the record that begins at `start`. Quotes are special only at the start of a field; `""` inside them is one quote
 * (RFC 4180). An unclosed quote at the end of the last text ends there: the record then has too few fields and is
 * rejected later. Null when the record is not complete.
 */
export function parseQuotedRecord(
  text: string,
  start: number,
  delimiter: string,
  isLast: boolean,
): QuotedRecord | null {
  const fields: string[] = [];
  const delimiterCode = delimiter.charCodeAt(0);
  let newlines = 0;
  let at = start;
  for (;;) {
    let field: string;
    if (text.charCodeAt(at) === 34) {
      // Quoted: find the closing quote, which is one not followed by another quote.
      let from = at + 1;
      let value = '';
      for (;;) {
        const quote = text.indexOf('"', from);
        if (quote < 0) {
          if (!isLast) return null;
          value += text.slice(from);
          at = text.length;
          break;
        }
        if (quote + 1 >= text.length && !isLast) return null;
        if (text.charCodeAt(quote + 1) === 34) {
          value += text.slice(from, quote + 1);
          from = quote + 2;
          continue;
        }
        value += text.slice(from, quote);
        at = quote + 1;
        break;
      }
      for (let i = value.indexOf('\n'); i >= 0; i = value.indexOf('\n', i + 1)) newlines += 1;
      // Text after the closing quote belongs to the field, as spreadsheets read it.
      const tail = fieldEnd(text, at, delimiterCode);
      if (tail < 0 && !isLast) return null;
      const tailEnd = tail < 0 ? text.length : tail;
      field = value + withoutCarriageReturn(text, at, tailEnd);
      at = tailEnd;
    } else {
      const end = fieldEnd(text, at, delimiterCode);
      if (end < 0 && !isLast) return null;
      const fieldStop = end < 0 ? text.length : end;
      field = withoutCarriageReturn(text, at, fieldStop);
      at = fieldStop;
    }
    fields.push(field);
    if (at >= text.length) return { fields, end: text.length, newlines };
    if (text.charCodeAt(at) === 10) return { fields, end: at + 1, newlines: newlines + 1 };
    at += 1;
  }
}

function fieldEnd(text: string, from: number, delimiterCode: number): number {
  for (let i = from; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === delimiterCode || code === 10) return i;
  }
  return -1;
}

function withoutCarriageReturn(text: string, start: number, end: number): string {
  const isLineEnd = end >= text.length || text.charCodeAt(end) === 10;
  return text.slice(start, isLineEnd && end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end);
}
