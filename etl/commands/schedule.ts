import { join } from 'node:path';
import Table from 'cli-table3';
import { readEnv } from '../env.ts';
import { LoadError } from '../errors.ts';
import { inLoadOrder } from '../load-order.ts';
import { chooseLayers, scaleOf } from '../load.ts';
import { Queue } from '../schedule/queue.ts';
import { runSchedule, type ScheduleEvent } from '../schedule/run-schedule.ts';
import { listSchedule } from '../../server/db/schedule.ts';
import type { Arguments, Command } from './arguments.ts';
import { withDatabase } from './database.ts';

/** `schedule run`, `schedule list` and `schedule now <layer>…`. */
export const scheduleCommand: Command = async ([what, ...names], options) => {
  if (what === 'run' && names.length === 0) return runCommand(options);
  if (what === 'list' && names.length === 0) return listCommand(options);
  if (what === 'now' && names.length > 0) return nowCommand(names, options);
  throw new LoadError('BAD_USAGE', {
    zh: '用法：schedule run，schedule list，或 schedule now 图层…。',
    en: 'usage: schedule run, schedule list, or schedule now <layer>….',
  });
};

async function runCommand(options: Arguments): Promise<number> {
  const env = readEnv();
  const dir = options.from ?? join(env.dataDir, 'delivery');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return withDatabase(async (db) => {
    await runSchedule({
      db,
      layers: inLoadOrder(chooseLayers(['all'])),
      dir,
      scale: await scaleOf(dir),
      reportDir: join(env.dataDir, 'reports'),
      signal: stop.signal,
      onEvent: (event) => process.stdout.write(`${options.json ? jsonOf(event) : lineOf(event)}\n`),
    });
    return 0;
  });
}

function jsonOf(event: ScheduleEvent): string {
  return JSON.stringify(event.kind === 'error' ? { kind: 'error', message: String(event.error) } : event);
}

function lineOf(event: ScheduleEvent): string {
  switch (event.kind) {
    case 'waiting':
      return '另一进程正在处理队列，等待中 another process works off the queue; waiting';
    case 'working':
      return event.unlocked > 0 ? `开始，接手中断的装载 working, goes on with what was interrupted` : '开始 working';
    case 'queued':
      return `排队 queued: ${event.layers.join(', ')}`;
    case 'loaded': {
      const { layer, status, load, rows, error } = event.report;
      const state = { published: '已发布 published', unchanged: '未变 unchanged', failed: '失败 failed' }[status];
      return `${layer}: ${state}, load ${load}, ${rows.accepted} / ${rows.in}${error ? `, ${error.code} ${error.text.zh} ${error.text.en}` : ''}`;
    }
    case 'error':
      return `数据库暂不可用 the database is away: ${String(event.error)}`;
  }
}

async function listCommand(options: Arguments): Promise<number> {
  return withDatabase(async (db) => {
    const { layers, worker } = await listSchedule(db.sql);
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ layers, worker })}\n`);
      return 0;
    }
    const table = new Table({
      head: [
        '图层 layer',
        '状态 status',
        '装载 load',
        '上次 last attempt',
        '下次查看 next look',
        '队列 queue',
        '错误 error',
      ],
    });
    for (const { layer, status, load, attemptedAt, nextAt, queue, error } of layers)
      table.push([layer, status ?? '', load ?? '', when(attemptedAt), when(nextAt), queue ?? '', error ?? '']);
    const seen = worker === null ? '未运行 not running' : `最近 last seen ${when(worker.seenAt)}`;
    process.stdout.write(`${table.toString()}\n进程 worker: ${seen}\n`);
    return 0;
  });
}

async function nowCommand(names: readonly string[], options: Arguments): Promise<number> {
  const wanted = new Set(chooseLayers(names).map(({ id }) => id));
  return withDatabase(async (db) => {
    const queue = await Queue.open(db);
    try {
      const all = inLoadOrder(chooseLayers(['all']));
      for (const [priority, { id }] of all.entries()) if (wanted.has(id)) await queue.add(id, priority);
    } finally {
      await queue.close();
    }
    process.stdout.write(
      options.json ? `${JSON.stringify([...wanted])}\n` : `排队 queued: ${[...wanted].join(', ')}\n`,
    );
    return 0;
  });
}

/** In Asia/Shanghai, to the minute. */
function when(at: Date | null): string {
  return at === null ? '' : new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}
