import { join } from 'node:path';
import { readEnv } from '../env.ts';
import { LoadError } from '../errors.ts';
import { loadCorrections } from '../rejects/load-corrections.ts';
import { errorLines, ProgressBars, summaryTable } from '../terminal.ts';
import type { Command } from './arguments.ts';
import { withDatabase } from './database.ts';

/** Loads a layer again with rejected rows that a department has mended. */
export const correctCommand: Command = async ([load, file, ...more], options) => {
  const id = Number(load);
  if (!Number.isInteger(id) || file === undefined || more.length > 0) {
    throw new LoadError('BAD_USAGE', {
      zh: '请写明装载编号和更正后的文件。',
      en: 'name the number of a load and the mended file.',
    });
  }
  const { dataDir } = readEnv();
  return withDatabase(async (db) => {
    const bars = new ProgressBars(!options.json && process.stderr.isTTY);
    let outcome: Awaited<ReturnType<typeof loadCorrections>>;
    try {
      outcome = await loadCorrections({
        db,
        load: id,
        file,
        folder: join(dataDir, 'corrected'),
        deliveryDir: options.from ?? join(dataDir, 'delivery'),
        reportDir: join(dataDir, 'reports'),
        onProgress: (progress) => bars.update(progress),
      });
    } finally {
      bars.stop();
    }
    const { report, merged } = outcome;
    if (options.json) process.stdout.write(`${JSON.stringify({ merged, report })}\n`);
    else {
      const { corrected, unchanged, missing } = merged;
      process.stdout.write(
        `${summaryTable([report])}\n更正 mended: ${corrected} · 未改 unchanged: ${unchanged} · 未交回 not returned: ${missing}\n`,
      );
      if (report.error) process.stderr.write(`${errorLines(report.layer, report.error.code, report.error.text)}\n`);
    }
    return report.status === 'published' ? 0 : 1;
  });
};
