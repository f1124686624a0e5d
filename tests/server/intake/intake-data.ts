import type { Sql } from '../../../server/db/connect.ts';
import { followGrids } from '../../../server/incidents/grid-source.ts';
import { Intake } from '../../../server/incidents/intake.ts';
import { publishSquareGrids, removeSquareGrids } from '../../support/square-grids.ts';
import { testApi, type TestApi } from '../api-fixture.ts';
import type { Database } from '../../../server/db/connect.ts';

/** Names everything one run of a file makes. */
export const run = Math.random().toString(36).slice(2, 8);

/** A place inside the square district, and one in its missing quarter. */
export const HERE = { lon: 113.105, lat: 23.005 };
export const ELSEWHERE = { lon: 113, lat: 22.95 };

export interface IntakeSetup {
  db: Database;
  sql: Sql;
  api: TestApi;
  intake: Intake;
  close(): Promise<void>;
}

/** The API over the square district. One address is known: 汾江中路12号. */
export async function setUpIntake(db: Database, reports = { most: 1_000_000, windowMs: 1000 }): Promise<IntakeSetup> {
  await publishSquareGrids(db.sql);
  const grids = await followGrids(db.sql, (cause) => {
    throw cause;
  });
  const intake = new Intake(db.sql, {
    grids: () => grids.current(),
    locate: async (address) => (address === '汾江中路12号' ? HERE : undefined),
  });
  const api = testApi(db, { intake, reports });
  return {
    db,
    sql: db.sql,
    api,
    intake,
    close: async () => {
      await api.close();
      await grids.close();
      await removeSquareGrids(db.sql);
      await db.sql`update app.alert set replaced_by = null`;
      await db.sql`truncate app.alert, app.intake_feed, app.intake_message, app.incident_report cascade`;
    },
  };
}

export interface Failure {
  error: { code: string; field?: string; message: string; value?: unknown };
}
