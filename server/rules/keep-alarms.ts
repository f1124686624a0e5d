import type { TransactionSql } from '../db/connect.ts';
import type { GridMesh } from '../db/mesh.ts';
import { ingestBatch } from '../incidents/store.ts';
import { checkIncident, type CheckedIncident, type Rejection } from '../incidents/validate.ts';
import { placeOf, titleOf } from './alarm-text.ts';
import { RULE_SOURCE } from './compile-rule.ts';
import type { Detail, Transition } from './event.ts';
import { inOrder } from './engine.ts';
import type { Run } from './rule-row.ts';

export interface AlarmOptions {
  /** The micro-grids at this moment; undefined while none are loaded. */
  grids(): GridMesh | undefined;
  /** Told of an incident that an alarm should have opened, and that was refused. */
  onRefused(key: string, rejection: Rejection | string): void;
}

interface AlarmEvent {
  alarm_id: number;
  move: Transition['move'];
  at: string;
  detail: unknown;
}

/** An alarm as it is to be written. */
interface Draft {
  id: number;
  isNew: boolean;
  run: Run;
  originator: string;
  raisedAt: number;
  lastAt: number;
  count: number;
  detail: Detail;
  clearedAt: number | null;
}

const iso = (at: number) => new Date(at).toISOString();

/** Evidence as the API tells it. */
export function tellEvidence({ readings, incidents, positions }: Detail['evidence']) {
  return {
    ...(readings && { readings: readings.map((reading) => ({ ...reading, at: iso(reading.at) })) }),
    ...(incidents && { incidents }),
    ...(positions && { positions: positions.map((position) => ({ ...position, at: iso(position.at) })) }),
  };
}

/**
 * Writes what the rules said: alarms, their history, the incidents they open, and the entries of the live log; the last of
 * these are the last statements before the commit.
 */
export async function keepAlarms(
  tx: TransactionSql,
  said: readonly { run: Run; transitions: readonly Transition[] }[],
  options: AlarmOptions,
): Promise<void> {
  const all = said.flatMap(({ run, transitions }) => inOrder(transitions).map((transition) => ({ run, transition })));
  if (all.length === 0) return;
  const open = await readOpen(tx, all);
  const raised = all.filter(({ transition }) => transition.move === 'raised').length;
  const ids = await tx<{ id: number }[]>`
    select nextval(pg_get_serial_sequence('app.alarm', 'id'))::float8 as id from generate_series(1, ${raised}::int)`;
  const drafts = new Map<number, Draft>();
  const events: AlarmEvent[] = [];
  let next = 0;
  for (const { run, transition } of all) {
    const { at, originator, move, detail } = transition;
    const key = `${run.id} ${originator}`;
    let draft = open.get(key);
    if (move === 'raised') {
      const id = (ids[next++] as { id: number }).id;
      draft = { id, isNew: true, run, originator, raisedAt: at, lastAt: at, count: 1, detail, clearedAt: null };
      open.set(key, draft);
    } else if (draft === undefined) continue;
    else if (move === 'refreshed') {
      draft.count += 1;
      draft.lastAt = Math.max(draft.lastAt, at);
      draft.detail = detail;
    } else {
      draft.clearedAt = at;
      open.delete(key);
    }
    drafts.set(draft.id, draft);
    // What somebody cleared is written by who did it.
    if (!transition.byHand) {
      events.push({
        alarm_id: draft.id,
        move,
        at: iso(at),
        detail: { value: detail.value, ...tellEvidence(detail.evidence) },
      });
    }
  }
  const changed = [...drafts.values()];
  await updateAlarms(
    tx,
    changed.filter(({ isNew }) => !isNew),
  );
  await insertAlarms(
    tx,
    changed.filter(({ isNew }) => isNew),
  );
  await tx`
    insert into app.alarm_event (alarm_id, move, at, detail)
    select * from json_to_recordset(${JSON.stringify(events)}::text::json)
      as u(alarm_id bigint, move text, at timestamptz, detail jsonb)`;
  await openIncidents(
    tx,
    changed.filter(({ isNew, run }) => isNew && run.compiled.rule.opens !== undefined),
    options,
  );
  const entries = changed.flatMap(({ id, isNew, clearedAt }) => [
    ...(isNew ? [{ type: 'alarm.raised', id }] : clearedAt === null ? [{ type: 'alarm.updated', id }] : []),
    ...(clearedAt === null ? [] : [{ type: 'alarm.cleared', id }]),
  ]);
  await tx`select app.log_alarms(${entries.map(({ type }) => type)}::text[], ${entries.map(({ id }) => id)}::float8[]::bigint[])`;
}

async function readOpen(
  tx: TransactionSql,
  all: readonly { run: Run; transition: Transition }[],
): Promise<Map<string, Draft>> {
  const rows = await tx<
    { id: number; rule: number; originator: string; raisedAt: Date; lastAt: Date; count: number }[]
  >`
    select distinct a.id::float8, a.rule_id as rule, a.originator, a.raised_at as "raisedAt", a.last_at as "lastAt", a.count
    from unnest(${all.map(({ run }) => run.id)}::int[], ${all.map(({ transition }) => transition.originator)}::text[])
      u(rule_id, originator) join app.alarm a using (rule_id, originator)
    where a.cleared_at is null`;
  const runs = new Map(all.map(({ run }) => [run.id, run]));
  return new Map(
    rows.map(({ id, rule, originator, raisedAt, lastAt, count }) => [
      `${rule} ${originator}`,
      {
        id,
        isNew: false,
        run: runs.get(rule) as Run,
        originator,
        raisedAt: raisedAt.getTime(),
        lastAt: lastAt.getTime(),
        count,
        detail: { evidence: {} },
        clearedAt: null,
      },
    ]),
  );
}

async function updateAlarms(tx: TransactionSql, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return;
  const rows = drafts.map(({ id, run, originator, lastAt, count, detail, clearedAt }) => {
    // One that only ends keeps what made it.
    const isMade = Object.keys(detail.evidence).length > 0;
    const title = titleOf(run.compiled, originator, detail, count);
    return {
      id,
      last_at: iso(lastAt),
      count,
      cleared_at: clearedAt === null ? null : iso(clearedAt),
      value: isMade ? (detail.value ?? null) : null,
      evidence: isMade ? tellEvidence(detail.evidence) : null,
      title_zh: isMade ? title.zh : null,
      title_en: isMade ? title.en : null,
    };
  });
  await tx`
    update app.alarm a set last_at = u.last_at, count = u.count, cleared_at = u.cleared_at, value = coalesce(u.value, a.value),
      evidence = coalesce(u.evidence, a.evidence), title_zh = coalesce(u.title_zh, a.title_zh),
      title_en = coalesce(u.title_en, a.title_en)
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as u(id bigint, last_at timestamptz, count int,
      cleared_at timestamptz, value float8, evidence jsonb, title_zh text, title_en text)
    where a.id = u.id`;
}

/** Codes of the cells that hold an alarm: its originator may be one. */
function cellsOf(originator: string, grid: string | null) {
  const code = /^\d{12}(W\d{3})?$/.test(originator) ? originator : grid;
  if (code === null) return { grid: null, community: null, town: null };
  const town = `${code.slice(0, 9)}000`;
  if (code.length > 12) return { grid: code, community: code.slice(0, 12), town };
  return { grid: null, community: code === town ? null : code, town };
}

async function insertAlarms(tx: TransactionSql, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return;
  const rows = drafts.map(({ id, run, originator, raisedAt, lastAt, count, detail, clearedAt }) => {
    const { compiled } = run;
    const title = titleOf(compiled, originator, detail, count);
    const place = placeOf(compiled, originator, detail);
    const cells = cellsOf(originator, place.grid);
    return {
      id,
      rule_id: run.id,
      version: run.version,
      originator,
      title_zh: title.zh,
      title_en: title.en,
      severity: compiled.rule.severity,
      lon: place.lon,
      lat: place.lat,
      grid_code: cells.grid,
      community_code: cells.community,
      town_code: cells.town,
      raised_at: iso(raisedAt),
      last_at: iso(lastAt),
      count,
      value: detail.value ?? null,
      cleared_at: clearedAt === null ? null : iso(clearedAt),
      evidence: tellEvidence(detail.evidence),
    };
  });
  await tx`
    insert into app.alarm (id, rule_id, version, originator, title_zh, title_en, severity, lon, lat, grid_code,
      community_code, town_code, raised_at, last_at, count, value, cleared_at, evidence)
    overriding system value
    select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as u(id bigint, rule_id int, version int,
      originator text, title_zh text, title_en text, severity int2, lon float8, lat float8, grid_code text,
      community_code text, town_code text, raised_at timestamptz, last_at timestamptz, count int, value float8,
      cleared_at timestamptz, evidence jsonb)`;
}

/** Opens the incidents of new alarms by the one way in: the same checks, the same store, a key for each alarm. */
async function openIncidents(
  tx: TransactionSql,
  drafts: readonly Draft[],
  { grids, onRefused }: AlarmOptions,
): Promise<void> {
  if (drafts.length === 0) return;
  const mesh = grids();
  const checked: { alarm: number; incident: CheckedIncident }[] = [];
  for (const { id, run, originator, raisedAt, detail, count } of drafts) {
    const { opens } = run.compiled.rule;
    const key = `rule-${run.id}-${id}`;
    const { lon, lat } = placeOf(run.compiled, originator, detail);
    if (opens === undefined) continue;
    if (mesh === undefined || lon === null || lat === null) {
      onRefused(key, lon === null ? 'the alarm has no place' : 'the micro-grids are not loaded');
      continue;
    }
    const input = {
      key,
      source: RULE_SOURCE,
      category: opens.category,
      title: titleOf(run.compiled, originator, detail, count).zh.slice(0, 200),
      severity: opens.severity,
      lon,
      lat,
      occurredAt: iso(raisedAt),
    };
    const result = checkIncident(input, mesh, Date.now());
    if ('rejection' in result) onRefused(key, result.rejection);
    else checked.push({ alarm: id, incident: result });
  }
  if (checked.length === 0) return;
  const stored = await ingestBatch(
    tx,
    checked.map(({ incident }) => incident),
  );
  await tx`
    update app.alarm a set incident_id = u.incident
    from unnest(${checked.map(({ alarm }) => alarm)}::float8[]::bigint[], ${stored.map(({ id }) => id)}::float8[]::bigint[])
      u(alarm, incident) where a.id = u.alarm`;
}
