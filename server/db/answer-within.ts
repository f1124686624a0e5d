/** A query was not answered in time: its connection may be gone without anybody having said so. */
export class NoAnswer extends Error {
  /** Counts as a database that cannot be reached. */
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`the database did not answer within ${ms} ms`);
    this.name = 'NoAnswer';
  }
}

/**
 * The answer of a query, or {@link NoAnswer} after `ms`. The query itself is not cancelled and may still take effect:
 * only for what can be repeated. The driver can lose a query that is sent while its connection breaks, and its promise
 * is then never settled; whoever works one query at a time would stand still for good.
 */
export async function answerWithin<T>(ms: number, query: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(ms)), ms);
  });
  try {
    return await Promise.race([query, late]);
  } finally {
    clearTimeout(timer);
  }
}
