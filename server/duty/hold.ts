import type { Sql } from '../db/connect.ts';
import { registerDuty } from './duty.ts';

const LOST_MS = 10_000;

export interface Holding {
  /** Name in `app.duty`. */
  name: string;
  /** Tells this process from the others. */
  holder: string;
  /** Silent for so many ms, the holder is replaced; it says five times as often that it is there. Default 10 000. */
  lostMs?: number | undefined;
  onHeld(): Promise<void>;
  /** Also when nobody can say who holds it: the database is away. */
  onLost(): Promise<void>;
  onError(cause: unknown): void;
}

/**
 * A duty that lasts, such as a connection that only one process may have: whoever holds it says so again and again, and
 * another takes it over when that stops. For work in turns there is `Duties`.
 * @returns lets go of it
 */
export function holdDuty(sql: Sql, options: Holding): () => Promise<void> {
  const { name, holder, lostMs = LOST_MS, onHeld, onLost, onError } = options;
  const renewMs = lostMs / 5;
  let isHeld = false;
  let isClosed = false;
  let renewedAt = 0;

  async function renew(): Promise<void> {
    let isMine = false;
    try {
      await registerDuty(sql, name);
      const rows = await sql`
        update app.duty set holder = ${holder}, ran_at = clock_timestamp()
        where name = ${name}
          and (holder is null or holder = ${holder} or ran_at < clock_timestamp() - make_interval(secs => ${lostMs / 1000}))
        returning 1`;
      isMine = rows.length > 0;
      if (isMine) renewedAt = Date.now();
    } catch (cause) {
      onError(cause);
      // Still mine, until others may think otherwise.
      isMine = isHeld && Date.now() - renewedAt < lostMs - renewMs;
    }
    if (isClosed || isMine === isHeld) return;
    isHeld = isMine;
    await (isMine ? onHeld() : onLost()).catch(onError);
  }

  let turn = renew();
  const timer = setInterval(() => {
    turn = turn.then(renew);
  }, renewMs);
  return async () => {
    isClosed = true;
    clearInterval(timer);
    await turn;
    if (!isHeld) return;
    await onLost().catch(onError);
    await sql`update app.duty set holder = null where name = ${name} and holder = ${holder}`.catch(onError);
  };
}
