/**
 * A process that opens an embedded database, for tests that kill it:
 * `tsx embedded-client.ts DATA_DIR NAME COUNT` inserts COUNT rows (0: without end) named NAME into table `acked`, one by
 * one, and writes each acknowledged number on a line of its own. First line: `owner` or `joined`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectDatabase } from '../../server/db/connect.ts';

const [dataDir = '', name = '', count = '0'] = process.argv.slice(2);
const db = await connectDatabase({ dataDir, max: 2 });
const owner = JSON.parse(readFileSync(join(dataDir, 'embedded', 'owner.lock'), 'utf8')) as { pid: number };
console.log(owner.pid === process.pid ? 'owner' : 'joined');
await db.sql`create table if not exists acked (name text, n int)`;
const last = count === '0' ? Infinity : Number(count);
for (let n = 1; n <= last; n++) {
  await db.sql`insert into acked values (${name}, ${n})`;
  console.log(n);
}
await db.close();
console.log('closed');
