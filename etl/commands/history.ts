import { pruneHistory, type PrunedVersion } from '../history/prune.ts';
import { LoadError } from '../errors.ts';
import { historyTableText, prunedTableText } from '../history/history-text.ts';
import { listHistory } from '../history/list-history.ts';
import type { Command } from './arguments.ts';
import { withDatabase } from './database.ts';

/** `history [layer]` lists the versions that are kept; `history prune [--dry-run]` removes what the policy lets go. */
export const historyCommand: Command = async ([first, ...more], options) => {
  if (more.length > 0) {
    throw new LoadError('BAD_USAGE', { zh: '写明一个图层，或 prune。', en: 'name one layer, or prune.' });
  }
  return withDatabase(async (db) => {
    if (first !== 'prune') {
      const versions = await listHistory(db, first);
      process.stdout.write(options.json ? `${JSON.stringify(versions)}\n` : historyTableText(versions));
      return 0;
    }
    const dryRun = options['dry-run'] === true;
    const pruned: PrunedVersion[] = await pruneHistory(db, { dryRun });
    process.stdout.write(options.json ? `${JSON.stringify({ dryRun, pruned })}\n` : prunedTableText(pruned, dryRun));
    return 0;
  });
};
