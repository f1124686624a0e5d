import type { Text } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import { emptyReport, type LoadReport } from '../report.ts';

/** The report of a source that has not changed since the last load: nothing was loaded, the rows stay. */
export function unchangedReport(layer: string, title: Text, url: string): LoadReport {
  const report = emptyReport(layer, title, new Date());
  return {
    ...report,
    status: 'unchanged',
    finishedAt: report.startedAt,
    notes: [`unchanged since the last load: ${url}`],
  };
}

/** Puts the address where a load has the path of the file it was downloaded to, which is gone by now. */
export async function nameSource(db: Database, report: LoadReport, url: string): Promise<void> {
  if (report.file) report.file.path = url;
  if (report.load === null) return;
  await db.sql`update app.load set source_file = ${url}, report = ${JSON.stringify(report)}::text::jsonb
    where load_id = ${report.load}`;
}
