import type { Catalogue } from '../catalogue.ts';
import type { Silence } from '../contract/live.ts';
import type { TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { registerDuty, runDuty } from '../duty/duty.ts';

/** A sensor is silent when it has missed so many readings in a row. */
export const MISSED_READINGS = 3;
/** Sensors named in one entry of the live log; all of them are counted. */
const MOST_NAMED = 50;
const EVERY_MS = 15_000;
const NAME = 'sensors.silence';

interface Change {
  type: 'silence.began' | 'silence.ended';
  sensor: string;
  layer: string;
  town: string;
  title: string;
  since: number;
}

/** Watches for sensors that have spoken and do so no longer, and for those that speak again. */
export async function takeOnSilence(duties: Duties, catalogue: Pick<Catalogue, 'list'>): Promise<void> {
  await duties.take({
    name: `${NAME}.look`,
    everyMs: EVERY_MS,
    turn: async (sql) => {
      // Asked before: inside the transaction only that may be waited for.
      const shown = new Set((await catalogue.list('public')).map(({ layer }) => layer.id));
      await registerDuty(sql, NAME);
      await runDuty(sql, { name: NAME, everyMs: EVERY_MS, run: (tx) => noteSilence(tx, shown) });
      return false;
    },
  });
}

/**
 * Notes in `app.sensor_silence` and in the live log who fell silent and who speaks again. Only sensors that have spoken for
 * themselves are watched: what comes by files is late or not as a load, which the quality of the layer tells.
 * @param shown layers the public may see
 */
export async function noteSilence(tx: TransactionSql, shown: ReadonlySet<string>): Promise<void> {
  const ended = await tx<Omit<Change, 'type'>[]>`
    with last as (
      select sensor, max(at) as at from app.sensor_latest where heard_at is not null group by sensor
    ), over as (
      update app.sensor_silence q set to_at = coalesce(
        (select min(r.at) from app.reading r where r.sensor = q.sensor and r.at > q.from_at), clock_timestamp())
      from app.sensor_silence o left join last on last.sensor = o.sensor left join app.sensor s on s.id = o.sensor
      where o.to_at is null and (q.sensor, q.from_at) = (o.sensor, o.from_at) and (last.at > o.from_at or s.id is null)
      returning q.sensor, q.from_at
    )
    select o.sensor, s.layer, coalesce(s.town_code, '') as town, s.title, (extract(epoch from o.from_at) * 1000)::float8 as since
    from over o join app.sensor s on s.id = o.sensor order by o.sensor`;
  const began = await tx<Omit<Change, 'type'>[]>`
    with last as (
      select sensor, max(at) as at from app.sensor_latest where heard_at is not null group by sensor
    ), quiet as (
      insert into app.sensor_silence (sensor, from_at, noticed_at)
      select s.id, last.at, clock_timestamp() from app.sensor s join last on last.sensor = s.id
      where last.at < clock_timestamp() - make_interval(secs => s.interval_s * ${MISSED_READINGS})
        and not exists (select from app.sensor_silence o where o.sensor = s.id and o.to_at is null)
      on conflict (sensor, from_at) do nothing
      returning sensor, from_at
    )
    select q.sensor, s.layer, coalesce(s.town_code, '') as town, s.title, (extract(epoch from q.from_at) * 1000)::float8 as since
    from quiet q join app.sensor s on s.id = q.sensor order by q.sensor`;
  if (ended.length + began.length === 0) return;
  await tx`update app.reading_state set silence_at = clock_timestamp()`;
  await logSilence(
    tx,
    [
      ...ended.map((each): Change => ({ ...each, type: 'silence.ended' })),
      ...began.map((each): Change => ({ ...each, type: 'silence.began' })),
    ],
    shown,
  );
}

/** One entry for the sensors of a layer in a town: when a network goes down, thousands fall silent at once. */
async function logSilence(tx: TransactionSql, changes: readonly Change[], shown: ReadonlySet<string>): Promise<void> {
  const entries = new Map<string, { type: Change['type']; town: string; body: Silence }>();
  for (const { type, layer, town, sensor, title, since } of changes) {
    const key = `${type} ${layer} ${town}`;
    const entry = entries.get(key) ?? { type, town, body: { layer, town, count: 0, sensors: [] } };
    entries.set(key, entry);
    entry.body.count += 1;
    if (entry.body.sensors.length < MOST_NAMED) {
      entry.body.sensors.push({ id: sensor, title, since: new Date(since).toISOString() });
    }
  }
  const rows = [...entries.values()];
  await tx`
    select app.append_entries(${rows.map(({ type }) => type)}::text[], ${rows.map(({ town }) => town)}::text[],
      ${rows.map(({ body }) => String(!shown.has(body.layer)))}::text[]::boolean[],
      ${rows.map(({ body }) => JSON.stringify(body))}::text[]::json[])`;
}
