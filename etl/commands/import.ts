import { LoadError } from '../errors.ts';
import type { Command } from './arguments.ts';
export const importCommand: Command = async () => {
  throw new LoadError('BAD_USAGE', { zh: '', en: '' });
};
