import type { Geometry } from '../../layers/define.ts';
import { LoadError } from '../errors.ts';

/** Options of the command line, as `parseArgs` gives them. */
export interface Arguments {
  from?: string | undefined;
  crs?: string | undefined;
  encoding?: string | undefined;
  name?: string | undefined;
  id?: string | undefined;
  layer?: string | undefined;
  geometry?: string | undefined;
  scale?: string | undefined;
  seed?: string | undefined;
  out?: string | undefined;
  force?: boolean | undefined;
  'dry-run'?: boolean | undefined;
  'accept-change'?: boolean | undefined;
  role?: string | undefined;
  definition?: string | undefined;
  json: boolean;
}

/** A command: returns the exit code. */
export type Command = (names: readonly string[], options: Arguments) => Promise<number>;

/** What the person stated, without what was left out. */
export function stated(options: Arguments): { crs?: string; encoding?: string; layer?: string } {
  return {
    ...(options.crs === undefined ? {} : { crs: options.crs }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    ...(options.layer === undefined ? {} : { layer: options.layer }),
  };
}

const GEOMETRIES: readonly Geometry[] = ['point', 'line', 'polygon', 'table'];

/** The kind of geometry to take, where a file holds several. */
export function geometryOption({ geometry }: Arguments): { geometry?: Geometry } {
  if (geometry === undefined) return {};
  const known = GEOMETRIES.find((kind) => kind === geometry);
  if (known) return { geometry: known };
  throw new LoadError('BAD_USAGE', {
    zh: `--geometry 应为 ${GEOMETRIES.join('、')} 之一，实为 ${geometry}。`,
    en: `--geometry must be one of ${GEOMETRIES.join(', ')}, not ${geometry}.`,
  });
}
