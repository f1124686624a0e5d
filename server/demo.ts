import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Sql } from './db/connect.ts';

/** The process that makes the synthetic district and loads it, through the same database. */
export interface DemoLoader {
  isRunning(): boolean;
  /** Ends it; the layers it had published stay. */
  stop(): void;
}

const META_KEY = 'demo';

/**
 * Starts the demo loader where nothing was loaded yet, or where a demo was interrupted. It is a process of its own: it
 * keeps a core busy for a minute or two, and the dashboard shows its progress meanwhile.
 */
export async function startDemo(
  sql: Sql,
  options: { root: string; scale: number; log: Logger; environment: Record<string, string> },
): Promise<DemoLoader> {
  const { root, scale, log, environment } = options;
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
  return {
    isRunning: () => child !== null,
    stop: () => child?.kill('SIGTERM'),
  };
}

async function setDone(sql: Sql, scale: number, done: boolean): Promise<void> {
  const value = sql.json({ scale, done });
  await sql`insert into app.meta (key, value) values (${META_KEY}, ${value})
    on conflict (key) do update set value = excluded.value`;
}
