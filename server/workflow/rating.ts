import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { lockIncidents } from './incident-row.ts';
import type { Actor } from './history.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import { logMoves } from './move-incident.ts';
import { applyNote } from './note-incident.ts';

/** How content somebody is, best first; the number is stored. */
export const ratings = {
  4: { zh: '非常满意', en: 'Very satisfied' },
  3: { zh: '满意', en: 'Satisfied' },
  2: { zh: '不满意', en: 'Dissatisfied' },
  1: { zh: '非常不满意', en: 'Very dissatisfied' },
} as const;

export interface Rating {
  score: number;
  comment: string | null;
  by: 'reporter' | 'staff';
  at: string;
}

/**
 * What the reporter of an incident is given to rate it with: nobody can guess it, nothing of it is kept. The same for
 * ever, so that whoever writes to the reporter can ask for it again.
 */
export async function ratingToken(sql: Sql, incident: number): Promise<string> {
  const [row] = await sql<{ secret: string }[]>`select secret from app.rating_secret`;
  if (!row) throw new Error('app.rating_secret has no row');
  return createHmac('sha256', row.secret).update(`rating ${incident}`).digest('base64url');
}

export async function isRatingToken(sql: Sql, incident: number, token: string): Promise<boolean> {
  const expected = Buffer.from(await ratingToken(sql, incident));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export async function findRating(sql: Sql, incident: number): Promise<Rating | null> {
  const [row] = await sql<Rating[]>`
    select score, comment, rated_by as by, app.iso_time(at) as at from app.incident_rating where incident_id = ${incident}`;
  return row ?? null;
}

/** Keeps how content somebody is with what became of a matter. The latest word counts. */
export async function rate(
  sql: Sql,
  incident: number,
  { score, comment }: { score: number; comment?: string | undefined },
  who: Actor,
): Promise<void> {
  await sql.begin(async (tx) => {
    const row = (await lockIncidents(tx, [incident])).get(incident);
    if (!row) throw incidentNotFound(incident);
    if (row.state !== 'closed') {
      const message = `Incident ${incident} is in stage ${row.stage}: it can be rated when it is over.`;
      throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'stage', value: row.stage });
    }
    const by = who.post === 'reporter' ? 'reporter' : 'staff';
    const [known] = await tx<{ by: Rating['by'] }[]>`
      select rated_by as by from app.incident_rating where incident_id = ${incident}`;
    if (known?.by === 'reporter' && by === 'staff') {
      const message = `Incident ${incident} was rated by its reporter, whom nobody corrects.`;
      throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'score', value: score });
    }
    await tx`
      insert into app.incident_rating (incident_id, score, comment, rated_by, at)
      values (${incident}, ${score}, ${comment ?? null}, ${by}, ${new Date()})
      on conflict (incident_id) do update
      set score = excluded.score, comment = excluded.comment, rated_by = excluded.rated_by, at = excluded.at`;
    const noted = await applyNote(tx, { ...who, incident, note: 'rate', reason: comment, detail: { score } });
    await logMoves(tx, [noted]);
  });
}
