import { ApiError } from '../errors.ts';
import { countMembers, findJsonProblem, membersOf } from './json-text.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of a message. Every format here is UTF-8: what is not is refused, since guessing would store other words
 * than were sent.
 * @throws ApiError `BODY_MALFORMED` that names the first bytes at fault
 */
export function readText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    const mark =
      bytes[0] === 0xff && bytes[1] === 0xfe ? 'UTF-16LE' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'UTF-16BE' : '';
    const at = firstBadByte(bytes);
    const what = mark === '' ? `byte ${at} (0x${(bytes[at] ?? 0).toString(16)}) is not UTF-8` : `it is ${mark}`;
    throw new ApiError('BODY_MALFORMED', `The body must be UTF-8: ${what}.`, { field: 'body', value: what, cause });
  }
}

/** Binary search would need prefixes that end between characters; bodies are small. */
function firstBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let at = 0; at < bytes.length; at++) {
    try {
      decoder.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      return at;
    }
  }
  return Math.max(0, bytes.length - 1);
}

/**
 * The value of a JSON message.
 * @throws ApiError `BODY_MALFORMED` for what is no UTF-8, no JSON, nested without end or says a name twice
 */
export function readJson(bytes: Uint8Array): unknown {
  const text = readText(bytes);
  // To count is a third of the work of remembering names; only where the counts differ is it worth knowing which.
  const members = countMembers(text);
  if (Number.isNaN(members)) checkJson(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    checkJson(text);
    throw new ApiError('BODY_MALFORMED', 'The body is not valid JSON.', { field: 'body', cause });
  }
  if (membersOf(value) !== members) checkJson(text);
  return value;
}

/** @throws ApiError `BODY_MALFORMED` that names the member */
export function checkJson(text: string): void {
  const problem = findJsonProblem(text);
  if (problem) throw new ApiError('BODY_MALFORMED', problem.message, { field: problem.field });
}
