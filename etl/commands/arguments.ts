/** Options of the command line, as `parseArgs` gives them. */
export interface Arguments {
  from?: string | undefined;
  crs?: string | undefined;
  encoding?: string | undefined;
  name?: string | undefined;
  id?: string | undefined;
  layer?: string | undefined;
  scale?: string | undefined;
  seed?: string | undefined;
  out?: string | undefined;
  'accept-change'?: boolean | undefined;
  role?: string | undefined;
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
