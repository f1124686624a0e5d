import { randomUUID } from 'node:crypto';

/** What leads from an answer to its lines of the log: the id that came with the request, where it can be written, or a new one. */
export function requestIdOf(given: string | undefined): string {
  return given && given.length <= 255 && !/[^\w\-=]/.test(given) ? given : randomUUID();
}
