import type { Text } from '../layers/define.ts';
import type { Database } from '../server/db/connect.ts';
import { fileCodes, rejectCodes, repairCodes } from './checks/codes.ts';

/** Writes what the codes of this loader mean into the database, where the service reads their titles. */
export async function publishCodes({ sql }: Pick<Database, 'sql'>): Promise<void> {
  const kinds: Record<string, Readonly<Record<string, Text>>> = {
    reject: rejectCodes,
    file: fileCodes,
    repair: repairCodes,
  };
  const rows = Object.entries(kinds).flatMap(([kind, codes]) =>
    Object.entries(codes).map(([code, { zh, en }]) => ({ code, kind, zh, en })),
  );
  await sql`insert into app.code (code, kind, zh, en)
    select code, kind, zh, en from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as c(code text, kind text, zh text, en text) order by code
    on conflict (code) do update set kind = excluded.kind, zh = excluded.zh, en = excluded.en
      where (app.code.kind, app.code.zh, app.code.en) is distinct from (excluded.kind, excluded.zh, excluded.en)`;
}
