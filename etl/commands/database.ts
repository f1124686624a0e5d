import { connectDatabase, type Database } from '../../server/db/connect.ts';
import { migrate } from '../../server/db/migrate.ts';
import { readEnv } from '../env.ts';
import { publishCodes } from '../publish-codes.ts';

/** Connects to the database the environment names, brings it up to date, and closes it after `work`. */
export async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const env = readEnv();
  const db = await connectDatabase({
    url: env.databaseUrl,
    dataDir: env.dataDir,
    applicationName: 'onemap-etl',
    max: 4,
  });
  try {
    await migrate(db);
    await publishCodes(db);
    return await work(db);
  } finally {
    await db.close();
  }
}
