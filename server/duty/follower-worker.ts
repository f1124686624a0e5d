/**
 * The thread of those who follow what happens: duplicates, rules, notifications, indicators and what is done from time to
 * time. However much they have to do, nobody who reports or looks on waits for them. Started by `startFollowers`; ends
 * after the message `close`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { connectTo, type DatabaseAddress } from '../db/connect.ts';
import { takeOnUnanswered } from '../dispatch/dispatching.ts';
import { takeOnDemoShifts } from '../dispatch/shifts.ts';
import { takeOnDuplicates } from '../duplicates/follow-reports.ts';
import { followGrids } from '../incidents/grid-source.ts';
import { takeOnIndicators } from '../indicators/store-acts.ts';
import type { NotifySettings } from '../notify/settings.ts';
import { takeOnNotifications } from '../notify/take-on-notifications.ts';
import { takeOnCheckpoints } from '../replay/checkpoints.ts';
import { takeOnForgetting } from '../results/forget.ts';
import { takeOnRules } from '../rules/take-on.ts';
import { takeOnEscalation } from '../workflow/take-on-escalation.ts';
import { Duties } from './duties.ts';

export interface FollowerInput {
  address: DatabaseAddress;
  /** 1 in its first place while incidents wait to be stored, in its second while they are a flood. */
  pressed: Int32Array;
  demo: boolean;
  notify: NotifySettings;
  publicUrl: string | undefined;
}

export type FollowerMessage = 'close';
/** Every duty is taken on: what happens from now on is followed. */
export type FollowerAnswer = 'ready';

const CONNECTIONS = 4;

if (parentPort === null) throw new Error('follower-worker.ts runs as a worker thread only');
const port = parentPort;
const { address, pressed, demo, notify, publicUrl } = workerData as FollowerInput;
const log = pino({ level: 'info', base: undefined });
const sql = connectTo(address, { max: CONNECTIONS, applicationName: 'onemap-duty' });
const grids = await followGrids(sql, (error) => log.error({ err: error }, 'cannot read the micro-grids'));
const duties = new Duties({
  sql,
  isPressed: () => Atomics.load(pressed, 0) === 1,
  isFlooded: () => Atomics.load(pressed, 1) === 1,
  onError: (duty, error) => log.error({ err: error, duty }, 'a duty failed and is tried again'),
});

port.once('message', (_: FollowerMessage) => void close());

await takeOnCheckpoints(duties);
await takeOnIndicators(duties);
await takeOnEscalation(duties);
await takeOnUnanswered(duties);
if (demo) await takeOnDemoShifts(duties);
await takeOnForgetting(duties);
await takeOnDuplicates(duties);
await takeOnNotifications(duties, { sql, settings: notify, publicUrl, log });
await takeOnRules(duties, {
  grids: () => grids.current(),
  onRefused: (key, reason) => log.warn({ key, reason }, 'an alarm could not open its incident'),
  onGap: (of) => log.error({ of }, 'rules were away for too long: what happened meanwhile is lost to them'),
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
port.postMessage('ready' satisfies FollowerAnswer);

async function close(): Promise<void> {
  await duties.close();
  await grids.close();
  await sql.end({ timeout: 5 });
  port.close();
}
