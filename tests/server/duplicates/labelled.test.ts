import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { linkReports } from '../../../server/duplicates/follow-reports.ts';
import { findCategory, type Category } from '../../../server/incidents/categories.ts';
import { ingestBatch } from '../../../server/incidents/store.ts';
import { testDatabase } from '../../support/database.ts';
import { followByHand, type HandFollower } from '../../support/follow-once.ts';
import { makeIncident } from '../../support/incidents.ts';
import { makeLabelledReports, pairQuality } from '../../support/labelled-reports.ts';

let db: Database;
let follower: HandFollower;
beforeAll(async () => {
  db = await testDatabase();
  follower = await followByHand(db, linkReports);
});
afterAll(() => follower.forget());

/** Far from the places of other tests, and from each other. */
const places = [
  { seed: 11, lon: 110, lat: 21 },
  { seed: 12, lon: 111, lat: 21 },
];

// The weights were tuned on seeds 1 to 8.
test.each(places)(
  'of reports nobody has seen before (seed $seed) those of one event find each other',
  async (place) => {
    const reports = makeLabelledReports({ ...place, events: 700, metres: 8400, end: Date.now() - 60_000 });
    const ids: number[] = [];
    for (let start = 0; start < reports.length; start += 197) {
      const batch = reports.slice(start, start + 197).map(({ event, category, ...report }) =>
        makeIncident({
          ...report,
          severity: 0,
          category: findCategory(category) as Category,
          source: `event-${event}`,
        }),
      );
      ids.push(...(await ingestBatch(db.sql, batch)).map(({ id }) => id));
      await follower.catchUp();
    }
    const rows = await db.sql<{ id: number; parent: number | null; reports: number; alone: boolean }[]>`
    select i.id, i.parent_id as parent, i.report_count as reports,
      i.parent_id is not null and not exists (
        select from app.incident p where p.id = i.parent_id and p.parent_id is null and p.state = 'open'
          and p.restricted = i.restricted and p.id < i.id) as alone
    from app.incident i where i.id = any (${ids}::bigint[]) order by i.id`;
    expect(rows).toHaveLength(reports.length);
    expect(rows.filter(({ alone }) => alone)).toEqual([]);

    const groupOf = new Map(rows.map(({ id, parent }) => [id, parent ?? id]));
    const quality = pairQuality(
      reports.map(({ event }, index) => ({ event, group: groupOf.get(ids[index] as number) as number })),
    );
    process.stdout.write(
      `duplicates, seed ${place.seed}: ${reports.length} reports, ${quality.true} true pairs, ${quality.linked} linked, ` +
        `precision ${quality.precision.toFixed(3)}, recall ${quality.recall.toFixed(3)}\n`,
    );
    expect(quality.true).toBeGreaterThan(5000);
    expect(quality.precision).toBeGreaterThanOrEqual(0.95);
    expect(quality.recall).toBeGreaterThanOrEqual(0.9);
  },
);
