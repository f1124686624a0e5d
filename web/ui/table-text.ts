/** A table as text: for the clipboard, and as a file that spreadsheets read. */

export type Cell = string | number | null;

/** Tabs between cells, as spreadsheets take them from the clipboard. */
export function toTsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => row.map((cell) => String(cell ?? '').replaceAll(/[\t\r\n]+/g, ' ')).join('\t')).join('\n');
}

/** CSV with a mark of UTF-8. A text that begins like a formula gets an apostrophe before it, as in the exports. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  const text = (cell: Cell): string => {
    if (cell === null) return '';
    if (typeof cell === 'number') return String(cell);
    const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${rows.map((row) => row.map(text).join(',')).join('\r\n')}\r\n`;
}
