import type { Logger } from 'pino';
import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { deliver } from './deliver.ts';
import { fillOutbox, tellOverdue } from './fill-outbox.ts';
import { createChannels, type NotifySettings } from './settings.ts';

const DELIVER_MS = 1000;
const OVERDUE_MS = 15_000;
const TIDY_MS = 3_600_000;
/** Days that delivered messages and the inbox are kept. Dead letters stay until somebody deals with them. */
const KEEP_DAYS = 30;

/** Takes part in telling people: filling the outbox, delivering, clearing away. */
export async function takeOnNotifications(
  duties: Duties,
  { sql, settings, publicUrl, log }: { sql: Sql; settings: NotifySettings; publicUrl: string | undefined; log: Logger },
): Promise<void> {
  const channels = createChannels(sql, { ...settings, publicUrl });
  await duties.follow({ name: 'notify', handle: fillOutbox(publicUrl) });
  await duties.every({ name: 'notify-overdue', everyMs: OVERDUE_MS, run: tellOverdue(publicUrl) });
  await duties.every({
    name: 'notify-deliver',
    everyMs: DELIVER_MS,
    run: deliver(sql, {
      channels,
      onFailure: (failure) => log.warn(failure, failure.isDead ? 'a message is dead' : 'a message is sent again later'),
    }),
  });
  await duties.every({ name: 'notify-tidy', everyMs: TIDY_MS, run: tidy });
}

async function tidy(tx: TransactionSql): Promise<void> {
  await tx`delete from app.outbox where state in ('delivered', 'merged', 'discarded')
    and ended_at < now() - make_interval(days => ${KEEP_DAYS})`;
  await tx`delete from app.inbox where created_at < now() - make_interval(days => ${KEEP_DAYS})`;
}
