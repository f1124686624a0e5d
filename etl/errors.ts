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
