import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a program and answers what it printed. Throws with its complaints when it fails. */
export async function output(program: string, ...parameters: string[]): Promise<string> {
  const { stdout } = await run(program, parameters, { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 });
  return stdout;
}

/** Whether a program is here: asked for its version it answers. */
async function answers(program: string, ...parameters: string[]): Promise<boolean> {
  try {
    await output(program, ...parameters);
    return true;
  } catch {
    return false;
  }
}

export const hasGdal = (await answers('ogrinfo', '--version')) && (await answers('ogr2ogr', '--version'));

/** Pythons that may have OWSLib: Debian's, whose packages others do not see, and the one on the path. */
async function findPython(): Promise<string | null> {
  for (const python of ['/usr/bin/python3', 'python3']) {
    if (await answers(python, '-c', 'import owslib.ogcapi.features')) return python;
  }
  return null;
}

export const owslibPython = await findPython();

/** On a continuous-integration machine, where `.ci/run` installs them, programs that are missing are failures. */
export const mustHavePrograms = process.env['CI'] === 'true';
