import type { Sql } from '../../db/connect.ts';
import type { Channel } from '../channel.ts';
import { TARGETS } from '../contract.ts';

/** The bell of the dashboard: a row of the inbox, and an entry of the live log that tells every screen. */
export function createInapp(sql: Sql): Channel {
  return {
    id: 'inapp',
    async send({ message, target, role }) {
      const { posts } = TARGETS.inapp.parse(target);
      try {
        await sql.begin(async (tx) => {
          const [row] = await tx<{ number: number }[]>`
            insert into app.inbox (outbox_id, cause, role, posts, message)
            select id, cause, ${role}, ${posts ?? null}, ${JSON.stringify(message)}::text::jsonb
            from app.outbox where id = ${message.id}
            on conflict (outbox_id) do nothing returning id as number`;
          // Sent before, by a process that did not live to say so.
          if (!row) return;
          // Words are read from the inbox, where posts are looked at; the log says only that there are some.
          await tx`
            select app.append_entries(array['notification.created'], array[''], array[${role === 'staff'}],
              array[json_build_object('number', ${row.number}::int, 'kind', ${message.kind}::text, 'severity', ${message.severity}::int)])`;
        });
        return { ok: true };
      } catch (cause) {
        return { ok: false, retry: true, error: cause instanceof Error ? cause.name : 'failed' };
      }
    },
  };
}
