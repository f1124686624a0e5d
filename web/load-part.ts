export interface LoadPartOptions {
  /** Starts the page again; its state is in the address. */
  reload: () => void;
  /** Fulfilled when the server answers; a screen on a wall waits as long as it takes. */
  reachable: () => Promise<void>;
}

/** Fetches that failed although the server answers, before the page is started again. */
const TRIES = 3;

/**
 * Loads a part of the dashboard, through an outage and through an update. While the server cannot be reached it waits;
 * where the server answers and the part still cannot be had (it belongs to a version that is gone, or the browser
 * remembers the failure), the page is started again, and the promise stays open until it is.
 */
export async function loadPart<T>(load: () => Promise<T>, { reload, reachable }: LoadPartOptions): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await load();
    } catch {
      await reachable();
      if (tries < TRIES) continue;
      reload();
      return new Promise<never>(() => {});
    }
  }
}

const PAUSE_MS = 2000;

/** Asks until the server is well. Waits a moment first, so that nothing is asked in a rush. */
async function serverReachable(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    try {
      const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
      if (answer.ok) return;
    } catch {
      // Not yet.
    }
  }
}

/** {@link loadPart} for the browser. */
export function part<T>(load: () => Promise<T>): () => Promise<T> {
  return () => loadPart(load, { reload: () => location.reload(), reachable: serverReachable });
}
