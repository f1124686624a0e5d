/**
 * What somebody has written and not sent, by the form it belongs to: it is there again when they come back to it from elsewhere on the
 * page, and the browser asks before it is lost with the page.
 */
const drafts = new Map<string, unknown>();

const ask = (event: BeforeUnloadEvent) => event.preventDefault();

export function findDraft<T>(form: string): T | undefined {
  return drafts.get(form) as T | undefined;
}

export function keepDraft(form: string, draft: unknown): void {
  if (drafts.size === 0) globalThis.addEventListener?.('beforeunload', ask);
  drafts.set(form, draft);
}

export function dropDraft(form: string): void {
  drafts.delete(form);
  if (drafts.size === 0) globalThis.removeEventListener?.('beforeunload', ask);
}
