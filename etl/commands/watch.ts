import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readEnv } from '../env.ts';
import { LoadError } from '../errors.ts';
import { errorLines, summaryTable } from '../terminal.ts';
import { type WatchEvent, watchFolder } from '../watch.ts';
import type { Command } from './arguments.ts';
import { withDatabase } from './database.ts';

/** Watches a folder until it is interrupted. */
export const watchCommand: Command = async ([dir, ...more], options) => {
  if (dir === undefined || more.length > 0) {
    throw new LoadError('BAD_USAGE', { zh: '请写明一个文件夹。', en: 'name one folder.' });
  }
  const isFolder = await stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new LoadError('FILE_NOT_FOUND', { zh: `没有文件夹 ${dir}。`, en: `there is no folder ${dir}.` });
  const env = readEnv();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await withDatabase((db) =>
    watchFolder({
      db,
      dir,
      signal: stop.signal,
      reportDir: join(env.dataDir, 'reports'),
      baseUrl: `http://localhost:${env.port}`,
      onEvent: (event) => process.stdout.write(options.json ? `${jsonLine(event)}\n` : `${textLine(event)}\n`),
    }),
  );
  return 0;
};

function jsonLine(event: WatchEvent): string {
  if (!('error' in event)) return JSON.stringify(event);
  const { kind, file, error } = event;
  return JSON.stringify({
    kind,
    file,
    ...(error instanceof LoadError ? { code: error.code, text: error.text } : { error: String(error) }),
  });
}

function textLine(event: WatchEvent): string {
  switch (event.kind) {
    case 'watching':
      return `监视 watching ${event.dir}: ${event.files} 个文件 files`;
    case 'loading':
      return `装载 loading ${event.file}`;
    case 'same':
      return `未变化 unchanged ${event.file}`;
    case 'loaded': {
      const { report } = event;
      const failure = report.error ? `\n${errorLines(report.layer, report.error.code, report.error.text)}` : '';
      return `${summaryTable([report])}${failure}`;
    }
    case 'refused':
      return errorLines(event.file, event.error.code, event.error.text);
    case 'broken':
      return `✗ ${event.file} ${event.error instanceof Error ? event.error.message : String(event.error)}`;
  }
}
