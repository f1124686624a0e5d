import { pino } from 'pino';
import { createApp } from '../../server/app.ts';
import type { Database } from '../../server/db/connect.ts';
import { categories } from '../../server/incidents/categories.ts';
import { Intake } from '../../server/incidents/intake.ts';
import { ingestBatch } from '../../server/incidents/store.ts';
import type { SituationCard } from '../../server/situation/contract.ts';
import { makeIncident } from '../support/incidents.ts';
import { median, percentile, timed } from './measure.ts';

const INCIDENTS = 5000;
const CARDS = 200;
/** Asked before it counts: the code is compiled by the first. */
const WARM = 20;
const TOKEN = 'bench';

/** How long the situation card takes around incidents that lie at buildings of the district that is loaded. */
export async function benchSituation(db: Database): Promise<{ notes: string[] }> {
  const { sql } = db;
  const places = await sql<{ lon: number; lat: number; grid: string; community: string; town: string }[]>`
    select st_x(p) as lon, st_y(p) as lat, grid_code as grid, community_code as community, town_code as town
    from (
      select st_pointonsurface(geom) as p, grid_code, community_code, town_code from layers.building_footprint
      where grid_code is not null order by md5(fid::text) limit ${INCIDENTS}
    ) b`;
  const now = Date.now();
  const ids: number[] = [];
  for (let from = 0; from < places.length; from += 1000) {
    const stored = await ingestBatch(
      sql,
      places.slice(from, from + 1000).map((place, index) => {
        const receivedAt = now - (from + index) * 400_000;
        const category = categories[(from + index) % categories.length]!;
        return makeIncident({ ...place, category, receivedAt, occurredAt: receivedAt - 1000 });
      }),
    );
    ids.push(...stored.map(({ id }) => id));
  }
  await sql`analyze app.incident`;
  const { app, warm, close } = createApp({
    db,
    log: pino({ level: 'warn' }),
    access: { defaultRole: 'public', tokens: new Map([[TOKEN, { role: 'staff' }]]) },
    dataDir: '/nonexistent',
    version: 'bench',
    intake: new Intake(sql, { grids: () => undefined }),
  });
  try {
    await warm();
    const all: number[] = [];
    const cpu: number[] = [];
    const bySection = new Map<string, number[]>();
    const step = Math.max(1, Math.floor(ids.length / (CARDS + WARM)));
    for (let n = 0; n < CARDS + WARM; n++) {
      const id = ids[(n * step) % ids.length]!;
      let card: SituationCard | null = null;
      const before = process.cpuUsage();
      const ms = await timed(async () => {
        const answer = await app.request(`/api/incidents/${id}/situation`, {
          headers: { Authorization: `Bearer ${TOKEN}` },
        });
        if (answer.status !== 200) throw new Error(`situation: ${answer.status} ${await answer.text()}`);
        card = (await answer.json()) as SituationCard;
      });
      if (n < WARM || card === null) continue;
      all.push(ms);
      const { user, system } = process.cpuUsage(before);
      cpu.push((user + system) / 1000);
      for (const [name, value] of Object.entries(card as SituationCard)) {
        if (typeof value !== 'object' || value === null || !('ms' in value)) continue;
        bySection.set(name, [...(bySection.get(name) ?? []), value.ms]);
      }
    }
    return {
      notes: [
        `situation card, ${all.length} incidents one after the other: ${figures(all)} (target 300 ms)`,
        `  processor time of the service: ${figures(cpu)}`,
        ...[...bySection].map(([name, times]) => `  ${name}: ${figures(times)}`),
      ],
    };
  } finally {
    await close();
  }
}

function figures(times: readonly number[]): string {
  return `p50 ${median(times).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms`;
}
