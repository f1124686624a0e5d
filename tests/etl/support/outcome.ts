import { importFile, type ImportOptions } from '../../../etl/import.ts';
import { LoadError } from '../../../etl/errors.ts';
import type { LoadSession } from '../../../etl/session.ts';

/** What becomes of a file that is imported. */
export type Outcome =
  | {
      loaded: string;
      geometry: string;
      in: number;
      accepted: number;
      repaired: number;
      quarantined: number;
      unlocated: number;
      /** Rows set aside, by code. */
      codes?: Record<string, number>;
    }
  | { refused: string; message: string }
  | { crashed: string };

/** Outcomes of a file: as it is, and when what a refusal asks for is stated. */
export interface FileOutcome {
  plain: Outcome;
  /** By the options that were stated, e.g. `--layer points`. */
  stated?: Record<string, Outcome>;
}

/** Imports a file as it is, then once more for every way out that the refusal names. */
export async function importOutcome(session: LoadSession, path: string, root: string): Promise<FileOutcome> {
  const plain = await importOnce(session, path, root, {});
  if (!('refused' in plain)) return { plain };
  const stated: Record<string, Outcome> = {};
  for (const [name, options] of waysOut(plain)) stated[name] = await importOnce(session, path, root, options);
  return Object.keys(stated).length === 0 ? { plain } : { plain, stated };
}

type Stated = Pick<ImportOptions, 'stated'>;

/** What the message of a refusal tells to do, as far as a machine can do it. */
function waysOut({ refused, message }: { refused: string; message: string }): [string, Stated][] {
  if (refused === 'CHOOSE_LAYER') {
    const list = /layers: (.*)\. Choose one/.exec(message)?.[1] ?? '';
    return list.split(', ').map((entry) => {
      const layer = entry.replace(/ \(\d+\)$/, '');
      return [`--layer ${layer}`, { stated: { layer } }];
    });
  }
  const encoding = refused === 'UNKNOWN_ENCODING' ? /e\.g\. --encoding ([\w-]+)/.exec(message)?.[1] : undefined;
  return encoding === undefined ? [] : [[`--encoding ${encoding}`, { stated: { encoding } }]];
}

async function importOnce(session: LoadSession, path: string, root: string, options: Stated): Promise<Outcome> {
  const { db } = session;
  try {
    const report = await importFile({ db, session, file: path, ...options });
    const [user] = await db.sql<{ geometry: string }[]>`
      select definition->>'geometry' as geometry from app.user_layer where layer_id = ${report.layer}`;
    await db.sql.unsafe(`drop table if exists layers."${report.layer}"`);
    await db.sql`delete from app.layer_state where layer_id = ${report.layer}`;
    await db.sql`delete from app.user_layer where layer_id = ${report.layer}`;
    if (report.error?.code === 'INTERNAL') return { crashed: report.error.text.en.replaceAll(root, '') };
    if (report.error) return { refused: report.error.code, message: report.error.text.en.replaceAll(root, '') };
    const codes = Object.fromEntries(report.rejects.map(({ code, count }) => [code, count]));
    return {
      loaded: report.format ?? '',
      geometry: user?.geometry ?? '',
      ...report.rows,
      ...(report.rejects.length > 0 ? { codes } : {}),
    };
  } catch (error) {
    if (!(error instanceof LoadError)) return { crashed: String(error).replaceAll(root, '') };
    if (error.text.zh === '' || error.text.en === '') return { crashed: `${error.code} says nothing` };
    return { refused: error.code, message: error.text.en.replaceAll(root, '') };
  }
}
