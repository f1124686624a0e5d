/** Delivers once, as a process of its own that a test can kill: `tsx deliver-process.ts '{"target":…,"hosts":[…],"duty":…}'`. */
import { connectDatabase } from '../../server/db/connect.ts';
import { registerDuty, runDuty } from '../../server/duty/duty.ts';
import { deliver } from '../../server/notify/deliver.ts';
import { createChannels } from '../../server/notify/settings.ts';
import type { TestTarget } from './global-setup.ts';

const { target, hosts, duty } = JSON.parse(process.argv[2] ?? '') as {
  target: TestTarget;
  hosts: string[];
  duty: string;
};
const db = await connectDatabase({ ...target, max: 2 });
await registerDuty(db.sql, duty);
const channels = createChannels(db.sql, { hosts, publicUrl: undefined });
await runDuty(db.sql, { name: duty, everyMs: 0, run: deliver(db.sql, { channels, leaseSeconds: 1 }) });
await db.close();
