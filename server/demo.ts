import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Sql } from './db/connect.ts';

/** The processes of the demo: one makes the synthetic district and loads it, one reports incidents in it. */
export interface Demo {
  /** Whether the district is being made. */
  isLoading(): boolean;
  /** Ends both; the layers published so far stay. */
  stop(): void;
}

/** Incidents a second, and open at most: a district of 1.1 million people on an ordinary day, some thirty times over. */
const INCIDENT_RATE = 0.5;
const MOST_OPEN = 300;
/** Pause before the incident process is started again when it failed, ms. */
const RESTART_MS = 10_000;

const META_KEY = 'demo';

export interface DemoOptions {
  /** Folder of the project. */
  root: string;
  scale: number;
  log: Logger;
  /** How the processes reach the same database. */
  environment: Record<string, string>;
  /** Address of this service, for the incidents. */
  url: string;
  /** A token of role staff, when callers without one may not report. */
  token?: string | undefined;
}

/**
 * Starts the demo loader where nothing was loaded yet, or where a demo was interrupted, and the reporter of incidents
 * where a demo is loaded. They are processes of their own: loading keeps a core busy for a minute or two, and the
 * dashboard shows its progress meanwhile.
 */
export async function startDemo(sql: Sql, options: DemoOptions): Promise<Demo> {
  const { root, scale, log, environment, url, token } = options;
  let isStopping = false;
  const [state] = await sql<{ layers: number; demo: { done: boolean } | null }[]>`
    select (select count(*)::int4 from app.layer_state) as layers,
      (select value from app.meta where key = ${META_KEY}) as demo`;
  let child: ChildProcess | null = null;
  const isUnfinished = state?.demo?.done === false;
  if (state?.layers === 0 || isUnfinished) {
    await setDone(sql, scale, false);
    log.info({ scale }, 'loading the demo district');
    child = spawn(process.execPath, ['--import', 'tsx', join(root, 'etl/run.ts'), 'demo', '--scale', String(scale)], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', (error) => log.error({ err: error }, 'the demo loader did not start'));
    child.once('exit', (code, signal) => {
      child = null;
      if (code !== 0) log.error({ code, signal }, 'the demo loader failed; it starts again with the next start');
      else void setDone(sql, scale, true).catch((error: unknown) => log.error({ err: error }, 'demo not recorded'));
    });
  }

  let reporter: ChildProcess | null = null;
  function report(): void {
    if (isStopping) return;
    const settings = ['--url', url, '--rate', String(INCIDENT_RATE), '--open', String(MOST_OPEN)];
    reporter = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        join(root, 'etl/simulate.ts'),
        ...settings,
        ...(token === undefined ? [] : ['--token', token]),
      ],
      {
        cwd: root,
        env: { ...process.env, ...environment },
        // It ends when the channel closes, however this process ended.
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
    reporter.once('exit', (code) => {
      reporter = null;
      if (isStopping) return;
      log.warn({ code }, 'the reporter of demo incidents ended; it starts again');
      setTimeout(report, RESTART_MS).unref();
    });
  }
  // Real data never gets made-up incidents: only a database that was filled by the demo does.
  if (child !== null || (state?.demo ?? null) !== null) report();

  return {
    isLoading: () => child !== null,
    stop: () => {
      isStopping = true;
      child?.kill('SIGTERM');
      reporter?.kill('SIGTERM');
    },
  };
}

async function setDone(sql: Sql, scale: number, done: boolean): Promise<void> {
  const value = sql.json({ scale, done });
  await sql`insert into app.meta (key, value) values (${META_KEY}, ${value})
    on conflict (key) do update set value = excluded.value`;
}
