import type { Database } from '../../server/db/connect.ts';
import { LoadError } from '../errors.ts';
import { scaleOf } from '../load.ts';
import { loadLayer } from '../load-layer.ts';
import type { LoadProgress } from '../load-run.ts';
import { publishCodes } from '../publish-codes.ts';
import type { LoadReport } from '../report.ts';
import { LoadSession } from '../session.ts';
import { fetchFile } from '../steps/fetch.ts';
import { writeReport } from '../write-report.ts';
import { mergeCorrections, type Merged } from './merge-corrections.ts';
import { assertSameFile, getPastLoad, type PastLoad } from './past-load.ts';

export interface CorrectionOptions {
  db: Database;
  /** The load whose rejected rows were mended. */
  load: number;
  /** The mended file. */
  file: string;
  /** Where merged files are kept: they are what is loaded, and what the next corrections are held against. */
  folder: string;
  /** Folder of the delivery, for the scale of a demo district; found from the load otherwise. */
  deliveryDir?: string;
  reportDir?: string;
  onProgress?: (progress: LoadProgress) => void;
}

/**
 * Loads a layer again from the file of an earlier load with the rows that a department mended. Every row is checked as in
 * any load. Refused when the layer was loaded from something newer, or when the earlier file is no longer what it was.
 */
export async function loadCorrections(options: CorrectionOptions): Promise<{ report: LoadReport; merged: Merged }> {
  const { db, file } = options;
  const past = await getPastLoad(db, options.load);
  assertCorrectable(past);
  await fetchFile(file);
  await assertSameFile(past);
  await publishCodes(db);
  const session = new LoadSession(db);
  try {
    const merged = await mergeCorrections(db, past, file, options.folder, () => session.gdal());
    const { layer } = past;
    const asMerged = { ...layer, source: { ...layer.source, format: merged.format, encoding: 'utf-8' as const } };
    const report = await loadLayer(session, asMerged, merged.path, {
      scale: await scaleOf(deliveryOf(past) ?? options.deliveryDir ?? ''),
      // It was read by this one, whether the layer or a person said so.
      ...(past.crs === null ? {} : { stated: { crs: past.crs } }),
      ...(merged.format === 'csv' ? { csv: { delimiter: ',' } } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    if (options.reportDir !== undefined) await writeReport(report, options.reportDir);
    return { report, merged };
  } finally {
    await session.close();
  }
}

function assertCorrectable({ load, layer, isUserLayer, live }: PastLoad): void {
  if (isUserLayer) {
    throw new LoadError('BAD_USAGE', {
      zh: `${layer.id} 是导入的图层：请更正原文件后重新导入。`,
      en: `${layer.id} is an imported layer: mend its file and import it again.`,
    });
  }
  if (live !== null && live > load) {
    throw new LoadError('BAD_USAGE', {
      zh: `${layer.id} 之后已有装载 ${live}：请下载装载 ${live} 退回的行再更正。`,
      en: `${layer.id} has been loaded since (load ${live}): mend the rows which that load set aside.`,
    });
  }
}

/** The folder of the delivery a file lies in; undefined for a corrected file. */
function deliveryOf({ path, layer }: PastLoad): string | undefined {
  return path.endsWith(layer.source.file) ? path.slice(0, -layer.source.file.length) || '.' : undefined;
}
