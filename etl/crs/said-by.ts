import type { Text } from '../../layers/define.ts';
import type { DeclaredCrs } from '../formats/source.ts';

/** That a file, or the standard of its format, says which CRS it is in. */
export function saidBy(from: DeclaredCrs['from'], name: string): Text {
  return { zh: `${from === 'the file' ? '文件' : `${from} `}写明 ${name}`, en: `${from} says ${name}` };
}
