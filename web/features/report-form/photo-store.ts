/** Photos and films that are still to be sent, on the device: they outlive the page and a time without a line. */
import type { PreparedFile } from './prepare-file.ts';

export interface StoredFile extends PreparedFile {
  /** Id of the report that it belongs to. */
  report: string;
}

const NAME = 'om-report-files';
const TABLE = 'file';
/** Where the browser keeps nothing (private windows): as long as the page is open. */
const memory = new Map<string, StoredFile>();

function open(): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(NAME, 1);
      request.addEventListener('upgradeneeded', () => request.result.createObjectStore(TABLE, { keyPath: 'id' }));
      request.addEventListener('success', () => resolve(request.result));
      for (const failed of ['error', 'blocked']) request.addEventListener(failed, () => resolve(null));
    } catch {
      resolve(null);
    }
  });
}

async function ask<T>(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
  const base = await open();
  if (base === null) return null;
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = base.transaction(TABLE, mode);
      const request = act(transaction.objectStore(TABLE));
      transaction.addEventListener('complete', () => resolve(request.result));
      transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('the device keeps no more')));
    });
  } finally {
    base.close();
  }
}

export async function keepFiles(files: readonly StoredFile[]): Promise<void> {
  for (const file of files) {
    const key = await ask('readwrite', (table) => table.put(file)).catch(() => null);
    if (key === null) memory.set(file.id, file);
  }
}

/** Those of a report, or all, in the order in which they were chosen. */
export async function listFiles(report?: string): Promise<StoredFile[]> {
  const kept = await ask('readonly', (table) => table.getAll() as IDBRequest<StoredFile[]>).catch(() => null);
  return [...(kept ?? []), ...memory.values()]
    .filter((file) => report === undefined || file.report === report)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export async function dropFile(id: string): Promise<void> {
  memory.delete(id);
  await ask('readwrite', (table) => table.delete(id)).catch(() => null);
}
