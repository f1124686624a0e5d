import { ROLES } from '../../layers/access.ts';
import { LoadError } from '../errors.ts';
import { getPastLoad } from '../rejects/past-load.ts';
import { readRejects } from '../rejects/read-rejects.ts';
import { writeRejects } from '../rejects/write-rejects.ts';
import { LoadSession } from '../session.ts';
import type { Command } from './arguments.ts';
import { withDatabase } from './database.ts';

/** Writes the rows that a load set aside into a folder, in the format of the department, masked. */
export const rejectsCommand: Command = async ([load], options) => {
  const id = Number(load);
  const role = ROLES.find((each) => each === (options.role ?? 'staff'));
  if (!Number.isInteger(id) || role === undefined) {
    throw new LoadError('BAD_USAGE', { zh: '请写明装载编号。', en: 'name the number of a load.' });
  }
  return withDatabase(async (db) => {
    const session = new LoadSession(db);
    try {
      const past = await getPastLoad(db, id);
      const rejects = await readRejects(db, past, role, () => session.gdal());
      const path = await writeRejects(options.out ?? '.', past, rejects);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ path, rows: rejects.rows.length })}\n`
          : `${path}: ${rejects.rows.length} 行 rows\n`,
      );
      return 0;
    } catch (error) {
      if (!options.json || !(error instanceof LoadError)) throw error;
      process.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.text.en } })}\n`);
      return 1;
    } finally {
      await session.close();
    }
  });
};
