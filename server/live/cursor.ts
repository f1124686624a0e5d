/** A place in the live log: everything of this epoch up to `id` has been seen. */
export interface Cursor {
  /** Names the history the id belongs to; see `app.live_epoch()`. */
  epoch: string;
  id: number;
}

/** The cursor as it travels: SSE message id, `Last-Event-ID`, `?since=`. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.id}`;
}

/** Reads what {@link formatCursor} wrote; undefined for anything else. */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^([0-9a-f]{1,32})\.(\d{1,15})$/.exec(text);
  return match ? { epoch: match[1] as string, id: Number(match[2]) } : undefined;
}
