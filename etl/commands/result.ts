import { readFile } from 'node:fs/promises';
import { RESULT_CHECKS } from '../checks/active-checks.ts';
import { LoadError } from '../errors.ts';
import { importDefined, parseDefined } from '../import-defined.ts';
import { outcomeOf } from './attach.ts';
import type { Command } from './arguments.ts';
import { withDatabase } from './database.ts';

/** Loads what the service has computed as a layer that it has defined. Answers in JSON. */
export const resultCommand: Command = async ([file], { definition }) => {
  if (file === undefined || definition === undefined) {
    throw new LoadError('BAD_USAGE', { zh: '请写明文件与 --definition。', en: 'name a file and --definition.' });
  }
  const defined = parseDefined(JSON.parse(await readFile(definition, 'utf8')));
  return withDatabase(async (db) => {
    const report = await importDefined(db, file, defined, RESULT_CHECKS);
    process.stdout.write(`${JSON.stringify(outcomeOf(report))}\n`);
    return report.status === 'failed' ? 1 : 0;
  });
};
