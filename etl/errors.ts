import type { Text } from '../layers/define.ts';
import type { FileCode } from './checks/codes.ts';

/** A load that cannot go on. Nothing was published. `text` says what is wrong and how to put it right. */
export class LoadError extends Error {
  readonly code: FileCode;
  readonly text: Text;

  constructor(code: FileCode, text: Text, options?: ErrorOptions) {
    super(`${code}: ${text.en}`, options);
    this.name = 'LoadError';
    this.code = code;
    this.text = text;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A failure as reports tell it. */
export function reportedError(error: unknown): { code: FileCode | 'INTERNAL'; text: Text } {
  if (error instanceof LoadError) return { code: error.code, text: error.text };
  const message = messageOf(error);
  return { code: 'INTERNAL', text: { zh: `内部错误：${message}`, en: `internal error: ${message}` } };
}
