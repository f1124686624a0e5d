import { LoadError } from '../errors.ts';
import type { LoadReport } from '../report.ts';
import { reportMarkdown } from '../write-report.ts';
import type { Command } from './arguments.ts';
import { withDatabase } from './database.ts';

export const reportCommand: Command = async ([load], options) => {
  const id = Number(load);
  if (!Number.isInteger(id))
    throw new LoadError('BAD_USAGE', { zh: '请写明装载编号。', en: 'name the number of a load.' });
  return withDatabase(async (db) => {
    const [row] = await db.sql<{ report: LoadReport | null }[]>`select report from app.load where load_id = ${id}`;
    if (!row?.report) {
      throw new LoadError('BAD_USAGE', { zh: `没有装载 ${id} 的报告。`, en: `there is no report of load ${id}.` });
    }
    process.stdout.write(options.json ? `${JSON.stringify(row.report)}\n` : reportMarkdown(row.report));
    return 0;
  });
};
