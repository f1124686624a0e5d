import type { TransactionSql } from '../db/connect.ts';
import { addNotes } from './add-notes.ts';
import { MACHINE, recount } from './links.ts';

/**
 * Sets right what merging (并案), a move of the workflow that knows of two incidents only, leaves of a group: reports of a
 * report go to its parent, and counts follow. Changes nothing where nothing is wrong.
 * @param ids incidents that were moved @returns what is different now
 */
export async function tidyGroups(tx: TransactionSql, ids: readonly number[]): Promise<Set<number>> {
  const changed = new Set<number>();
  // Two that are reports of each other: the older one stands for both.
  const freed = await tx<{ id: number; parent: number }[]>`
    update app.incident c set parent_id = null, updated_at = now()
    from app.incident p
    where p.id = c.parent_id and p.parent_id = c.id and c.id < p.id
      and (p.id = any (${[...ids]}::bigint[]) or c.id = any (${[...ids]}::bigint[]))
    returning c.id, p.id as parent`;
  for (const { id } of freed) changed.add(id);
  await addNotes(
    tx,
    freed.map(({ id, parent }) => ({ incident: id, note: 'unlinked', reason: null, detail: { parent } })),
    MACHINE,
  );
  for (;;) {
    const moved = await tx<{ id: number; parent: number }[]>`
      update app.incident c set parent_id = p.parent_id, updated_at = now()
      from app.incident p
      where p.id = c.parent_id and p.parent_id is not null
        and (p.id = any (${[...ids]}::bigint[]) or c.id = any (${[...ids]}::bigint[]))
      returning c.id, c.parent_id as parent`;
    if (moved.length === 0) break;
    for (const { id } of moved) changed.add(id);
    await addNotes(
      tx,
      moved.map(({ id, parent }) => ({ incident: id, note: 'linked', reason: null, detail: { parent } })),
      MACHINE,
    );
  }
  // The parents they have and had.
  const wrong = await tx<{ id: number }[]>`
    with near as (
      select unnest(${[...ids, ...changed]}::bigint[]) as id
      union select parent_id from app.incident where id = any (${[...ids, ...changed]}::bigint[])
      union select (detail ->> 'parent')::bigint from app.incident_event
        where incident_id = any (${[...ids]}::bigint[]) and move in ('linked', 'merge')
    )
    select i.id
    from near join app.incident i on i.id = near.id left join app.incident c on c.parent_id = i.id
    group by i.id having 1 + count(c.id) <> i.report_count order by i.id`;
  for (const { id } of wrong) changed.add(id);
  if (changed.size > 0) await recount(tx, changed, MACHINE);
  return changed;
}
