import { fork } from 'node:child_process';
import { resolve } from 'node:path';

interface Answer {
  ready?: true;
  result?: unknown;
  error?: string;
  warnings?: string[];
}

export interface ConvertOptions {
  /** The program that answers by GDAL, in a process of its own. It belongs to the loader, whose readers use it, too. */
  program: string;
  /** File of GeoJSON, one feature a line. */
  input: string;
  /** Folder for what is made, empty. */
  folder: string;
  /** Name of the layer and of the file, without its ending. */
  name: string;
  /** For ogr2ogr. */
  options: readonly string[];
  /** How many there are, at most. */
  rows: number;
}

/**
 * Up to so many rows are converted before code that is made faster has paid for being made: a small file takes half the time
 * (0.6 instead of 1.2 s of CPU), one of 100 000 rows takes a fifth more.
 */
const FEW_ROWS = 20_000;

/** GDAL said no, or ended. */
export class ConvertError extends Error {
  override readonly name = 'ConvertError';
}

/**
 * Makes a file of another format by GDAL, in a process of its own: what it allocates goes back to the system, what makes
 * it abort takes down nothing else, and `signal` ends it at once.
 * @returns what GDAL remarked
 */
export async function convert(options: ConvertOptions, signal: AbortSignal): Promise<string[]> {
  const { program, input, folder, name, rows } = options;
  signal.throwIfAborted();
  const execArgv = rows <= FEW_ROWS ? ['--liftoff-only'] : [];
  const child = fork(program, [folder], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await new Promise<string[]>((done, failed) => {
      child.once('error', failed);
      child.once('exit', (code, by) => failed(new ConvertError(`GDAL ended: ${by ?? `exit code ${code}`}`)));
      child.on('message', (answer: Answer) => {
        if (answer.ready === true) {
          child.send({
            id: 1,
            op: 'translate',
            path: resolve(input),
            openOptions: [],
            layer: name,
            name,
            options: options.options,
          });
        } else if (answer.error !== undefined) {
          failed(new ConvertError([answer.error, ...(answer.warnings ?? [])].filter(Boolean).join('; ')));
        } else done(answer.warnings ?? []);
      });
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await ended;
  }
}
