import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** Who owns an embedded database, as written in its lock file. */
export interface Owner {
  pid: number;
  /** Start time of the process in kernel ticks: tells it from a later process with the same pid. Null where unknown. */
  started: string | null;
  /** The socket on which the owner serves the database. */
  socket: string;
}

/** A taker that died half-way left this file; after so long nobody is at it any more (ms). */
const TAKEOVER_MS = 10_000;

/** Start time of a process (Linux), or null if it cannot be told. */
function startTime(pid: number): string | null {
  try {
    // The second field, the program's name in parentheses, may hold spaces: count from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

export function currentOwner(socket: string): Owner {
  return { pid: process.pid, started: startTime(process.pid), socket };
}

export function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return owner.started === null || startTime(owner.pid) === owner.started;
}

export function readOwner(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`unreadable lock file ${file}: remove it if no process uses this database`, { cause: error });
  }
}

/** Creates `file` with its content in one step. False if it exists. */
function create(file: string, content: string): boolean {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function sameOwner(a: Owner | null, b: Owner): boolean {
  return a !== null && a.pid === b.pid && a.started === b.started;
}

/**
 * Takes the lock for this process, or tells who holds it. The lock of a process that has died is taken over; of several
 * that try, one succeeds.
 * @returns null when this process has the lock now; otherwise the owner (which may be this process)
 */
export function tryLock(file: string, me: Owner): Owner | null {
  for (;;) {
    if (create(file, JSON.stringify(me))) return null;
    const owner = readOwner(file);
    if (owner === null) continue;
    if (isAlive(owner)) return owner;
    const takeover = `${file}.takeover`;
    if (!create(takeover, String(process.pid))) {
      removeAbandoned(takeover);
      return owner;
    }
    try {
      // Somebody may have taken over between reading the lock and now.
      if (sameOwner(readOwner(file), owner)) rmSync(file);
    } finally {
      rmSync(takeover, { force: true });
    }
  }
}

function removeAbandoned(takeover: string): void {
  try {
    if (Date.now() - statSync(takeover).mtimeMs < TAKEOVER_MS) return;
    const aside = `${takeover}.${process.pid}`;
    renameSync(takeover, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Gives the lock back if this process has it. */
export function unlock(file: string, me: Owner): void {
  if (sameOwner(readOwner(file), me)) rmSync(file, { force: true });
}
