import { join } from 'node:path';
import { readEnv } from '../env.ts';
import { LoadError } from '../errors.ts';
import { chooseLayers, type DeliveryOptions, loadDelivery } from '../load.ts';
import type { LoadReport } from '../report.ts';
import { errorLines, ProgressBars, summaryTable } from '../terminal.ts';
import { type Command, stated } from './arguments.ts';
import { withDatabase } from './database.ts';
import { hasFailed } from '../report.ts';

export const loadCommand: Command = async (names, options) => {
  if (names.length === 0) {
    throw new LoadError('BAD_USAGE', { zh: '请写明图层、部门或 all。', en: 'name a layer, a department, or all.' });
  }
  // A misspelt name should not first open a database.
  chooseLayers(names);
  const env = readEnv();
  const reports = await runDelivery(
    {
      dir: options.from ?? join(env.dataDir, 'delivery'),
      layers: names,
      stated: stated(options),
      force: options.force === true,
      acceptChange: options['accept-change'] === true,
    },
    options.json,
  );
  return reports.some(hasFailed) ? 1 : 0;
};

/** Loads a delivery with progress bars, prints what happened, and returns the reports. */
export async function runDelivery(
  delivery: Omit<DeliveryOptions, 'db' | 'reportDir' | 'onProgress'>,
  asJson: boolean,
): Promise<LoadReport[]> {
  const reportDir = join(readEnv().dataDir, 'reports');
  return withDatabase(async (db) => {
    const bars = new ProgressBars(!asJson && process.stderr.isTTY);
    let reports: LoadReport[];
    try {
      reports = await loadDelivery({ ...delivery, db, reportDir, onProgress: (progress) => bars.update(progress) });
    } finally {
      bars.stop();
    }
    if (asJson) {
      process.stdout.write(`${JSON.stringify(reports)}\n`);
      return reports;
    }
    process.stdout.write(`${summaryTable(reports)}\n`);
    for (const { layer, error } of reports)
      if (error) process.stderr.write(`${errorLines(layer, error.code, error.text)}\n`);
    process.stdout.write(`报告 reports: ${reportDir}\n`);
    return reports;
  });
}
