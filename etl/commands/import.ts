import { join } from 'node:path';
import { readEnv } from '../env.ts';
import { LoadError } from '../errors.ts';
import { importFile } from '../import.ts';
import type { LoadReport } from '../report.ts';
import { errorLines, ProgressBars, summaryTable } from '../terminal.ts';
import { type Command, geometryOption, stated } from './arguments.ts';
import { withDatabase } from './database.ts';

export const importCommand: Command = async ([file, ...more], options) => {
  if (file === undefined || more.length > 0) {
    throw new LoadError('BAD_USAGE', { zh: '请写明一个文件或网址。', en: 'name one file or address.' });
  }
  const env = readEnv();
  return withDatabase(async (db) => {
    const bars = new ProgressBars(!options.json && process.stderr.isTTY);
    let report: LoadReport;
    try {
      report = await importFile({
        db,
        file,
        stated: stated(options),
        force: options.force === true,
        reportDir: join(env.dataDir, 'reports'),
        baseUrl: `http://localhost:${env.port}`,
        onProgress: (progress) => bars.update(progress),
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(options.id === undefined ? {} : { id: options.id }),
        ...geometryOption(options),
      });
    } finally {
      bars.stop();
    }
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : importSummary(report));
    return report.status === 'failed' ? 1 : 0;
  });
};

function importSummary(report: LoadReport): string {
  const lines = [summaryTable([report])];
  const { encoding, crs } = report;
  if (report.format) lines.push(`格式 format: ${report.format}`);
  if (encoding)
    lines.push(`编码 encoding: ${encoding.name} (${percent(encoding.confidence)}: ${encoding.reasons.join('; ')})`);
  if (crs) {
    lines.push(`坐标系 CRS: ${crs.name.slice(0, 120)} (${percent(crs.confidence)})`);
    for (const { zh, en } of crs.reasons) lines.push(`  ${zh} / ${en}`);
  }
  for (const { code, count } of report.rejects) lines.push(`隔离 set aside: ${code} ${count}`);
  for (const { code, count } of report.repairs) lines.push(`修复 repaired: ${code} ${count}`);
  for (const note of report.notes) lines.push(`· ${note}`);
  if (report.error) lines.push(errorLines(report.layer, report.error.code, report.error.text));
  if (report.url) lines.push(`地图 map: ${report.url}`);
  return `${lines.join('\n')}\n`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
