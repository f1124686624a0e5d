import { readFile } from 'node:fs/promises';
import { type AttachPlan, attachTable } from '../attach.ts';
import { LoadError, reportedError } from '../errors.ts';
import type { Command } from './arguments.ts';
import { withDatabase } from './database.ts';

/** Joins a table to boundaries by code. Started by the service, which writes the plan; answers in JSON. */
export const attachCommand: Command = async ([file], { definition, out }) => {
  if (file === undefined || definition === undefined || out === undefined) {
    throw new LoadError('BAD_USAGE', {
      zh: '请写明表格、--definition 与 --out。',
      en: 'name a table, --definition and --out.',
    });
  }
  const plan = JSON.parse(await readFile(definition, 'utf8')) as AttachPlan;
  return withDatabase(async (db) => {
    try {
      const { counts, leftOut, report } = await attachTable(db, file, plan, out);
      process.stdout.write(`${JSON.stringify({ ...outcomeOf(report), counts, leftOut })}\n`);
      return report.status === 'failed' ? 1 : 0;
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      process.stdout.write(`${JSON.stringify({ error: reportedError(error) })}\n`);
      return 1;
    }
  });
};

/** What the service is told of a load that it asked for. */
export function outcomeOf({ load, status, rows, error }: Awaited<ReturnType<typeof attachTable>>['report']): object {
  return { load, status, rows, ...(error === null ? {} : { error }) };
}
