import type { TransactionSql } from '../db/connect.ts';
import { MACHINE, unlink } from './links.ts';

/** Entries in the history of a report that its parent's end and reopening made. */
const ENDED = 'end_with_parent';
const REOPENED = 'reopen_with_parent';

/**
 * The reports of incidents that ended end with them, in the same stage, and their history says so. The one place where
 * anything but a move of the workflow ends an incident: no move leads from every stage to every end.
 * @returns the reports that were open until now
 */
export async function endWithParents(tx: TransactionSql, parents: readonly number[]): Promise<number[]> {
  const at = new Date();
  const ended = await tx<{ id: number }[]>`
    with child as (
      select c.id, c.stage, c.stage_due_at, p.id as parent, p.stage as end_stage, p.stage_due_at as end_due_at,
        p.stage_warn_at as end_warn_at
      from app.incident c join app.incident p on p.id = c.parent_id
      where p.id = any (${[...parents]}::bigint[]) and p.state = 'closed' and c.state = 'open'
      order by c.id for update of c
    ), ended as (
      update app.incident i set state = 'closed', closed_at = ${at}, stage = child.end_stage, stage_since = ${at},
        stage_due_at = child.end_due_at, stage_warn_at = child.end_warn_at, version = i.version + 1, updated_at = now()
      from child where i.id = child.id
      returning i.id
    ), cancelled as (
      update app.incident_task set state = 'cancelled', cancelled_at = ${at}
      where incident_id in (select id from child) and state not in ('done', 'cancelled')
    ), noted as (
      insert into app.incident_event (incident_id, at, move, from_stage, to_stage, actor, post, stage_due_after, detail)
      select child.id, ${at}, ${ENDED}, child.stage, child.end_stage, ${MACHINE.actor}, ${MACHINE.post}, child.end_due_at,
        json_build_object('parent', child.parent, 'stageDueAt', child.stage_due_at)
      from child order by child.id
    )
    select id from ended order by id`;
  return ended.map(({ id }) => id);
}

/**
 * Undoes {@link endWithParents} for the reports of incidents that were opened again, unless they have been moved since.
 * @returns the reports that are open now
 */
export async function reopenWithParents(tx: TransactionSql, parents: readonly number[]): Promise<number[]> {
  const at = new Date();
  const opened = await tx<{ id: number }[]>`
    with child as (
      select c.id, c.stage, last.from_stage, (last.detail ->> 'stageDueAt')::timestamptz as due_at, p.id as parent
      from app.incident c
      join app.incident p on p.id = c.parent_id
      join lateral (
        select move, from_stage, detail from app.incident_event e
        where e.incident_id = c.id and e.to_stage is distinct from e.from_stage order by e.id desc limit 1
      ) last on last.move = ${ENDED}
      where p.id = any (${[...parents]}::bigint[]) and p.state = 'open' and c.state = 'closed'
      order by c.id for update of c
    ), opened as (
      update app.incident i set state = 'open', closed_at = null, stage = child.from_stage, stage_since = ${at},
        stage_due_at = child.due_at, stage_warn_at = null, version = i.version + 1, updated_at = now()
      from child where i.id = child.id
      returning i.id
    ), noted as (
      insert into app.incident_event (incident_id, at, move, from_stage, to_stage, actor, post, stage_due_after, detail)
      select child.id, ${at}, ${REOPENED}, child.stage, child.from_stage, ${MACHINE.actor}, ${MACHINE.post}, child.due_at,
        json_build_object('parent', child.parent)
      from child order by child.id
    )
    select id from opened order by id`;
  return opened.map(({ id }) => id);
}

/**
 * A report that somebody opened again while its parent stays closed goes its own way: an open report always has an open
 * parent. @returns what is different now
 */
export async function leaveClosedParents(tx: TransactionSql, reports: readonly number[]): Promise<Set<number>> {
  const left = await tx<{ id: number }[]>`
    select c.id from app.incident c join app.incident p on p.id = c.parent_id
    where c.id = any (${[...reports]}::bigint[]) and c.state = 'open' and p.state = 'closed' order by c.id`;
  const changed = new Set<number>();
  for (const { id } of left) {
    const result = await unlink(tx, id, MACHINE, { remember: false });
    if ('changed' in result) result.changed.forEach((each) => changed.add(each));
  }
  return changed;
}
