import { readdirSync, readFileSync } from 'node:fs';
import type { Sql } from '../../server/db/connect.ts';

/** Ticks of the clock that /proc counts in, per second. */
const TICKS = 100;

function statOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
}

/** Seconds of CPU a process has used. */
export function cpuOf(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Seconds of CPU of a process and of those that it has started and that still run. */
export function treeCpu(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      parents.set(pid, Number(statOf(pid)[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const isBelow = (pid: number): boolean => pid === root || (parents.has(pid) && isBelow(parents.get(pid) as number));
  let seconds = 0;
  for (const pid of parents.keys()) {
    try {
      if (isBelow(pid)) seconds += cpuOf(pid);
    } catch {
      // As above.
    }
  }
  return seconds;
}

/** Resident memory of a process, MB. What it shares with others counts in full. */
export function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Memory that a process has allocated itself, MB: neither shared buffers nor the program. */
export function ownMemoryOf(pid: number): number {
  const kilobytes = /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Processes of a PostgreSQL server on this machine: its first one, and those it has started. */
export async function serverProcesses(sql: Sql): Promise<{ postmaster: number; children: number[] }> {
  const rows = await sql<{ pid: number }[]>`select pid from pg_stat_activity`;
  const children = rows.map(({ pid }) => pid);
  const postmaster = Number(statOf(children[0] ?? 0)[1]);
  return { postmaster, children };
}

/** Seconds of CPU that a PostgreSQL server has used, with what has ended since it began. */
export async function serverCpu(sql: Sql): Promise<number> {
  const { postmaster, children } = await serverProcesses(sql);
  const fields = statOf(postmaster);
  const ended = (Number(fields[13]) + Number(fields[14])) / TICKS;
  const running = children.map((pid) => {
    try {
      return cpuOf(pid);
    } catch {
      return 0;
    }
  });
  return running.reduce((sum, seconds) => sum + seconds, cpuOf(postmaster) + ended);
}
