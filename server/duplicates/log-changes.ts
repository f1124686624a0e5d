import type { TransactionSql } from '../db/connect.ts';

export interface Changes {
  updated: Iterable<number>;
  closed: Iterable<number>;
  reopened: Iterable<number>;
}

/** Tells the live log, each incident once, as it is now. The last statement before the commit. */
export async function logChanges(tx: TransactionSql, { updated, closed, reopened }: Changes): Promise<void> {
  const types = new Map<number, string>();
  for (const id of updated) types.set(id, 'incident.updated');
  for (const id of reopened) types.set(id, 'incident.reopened');
  for (const id of closed) types.set(id, 'incident.closed');
  if (types.size === 0) return;
  await tx`
    select app.append_entries(array_agg(c.type order by i.id), array_agg(i.town_code order by i.id),
      array_agg(i.restricted order by i.id), array_agg(app.incident_json(i) order by i.id))
    from unnest(${[...types.keys()]}::bigint[], ${[...types.values()]}::text[]) c(id, type)
    join app.incident i on i.id = c.id`;
}
