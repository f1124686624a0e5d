import { createHash } from 'node:crypto';
import type { Sql, TransactionSql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { IncidentMedia } from './contract.ts';
import type { Actor } from './history.ts';
import { lockIncidents } from './incident-row.ts';
import type { MediaStore } from './media-store.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import { logMoves } from './move-incident.ts';
import { applyNote } from './note-incident.ts';
import { BrokenMedia, mediaTypeOf, mediaTypes, stripMedia } from './strip-media.ts';

/** Files of one incident, at most. */
export const MOST_FILES = 40;
/** Of these its reporter may have sent so many. */
export const MOST_FILES_OF_REPORTER = 6;

export type Phase = IncidentMedia['phase'];

export async function listMedia(sql: Sql, incident: number): Promise<IncidentMedia[]> {
  return sql<IncidentMedia[]>`
    select id::float8, phase, media_type as type, bytes, sha256, app.iso_time(at) as at, actor, post
    from app.incident_media where incident_id = ${incident} and removed_at is null order by id`;
}

/** A file of an incident, or undefined. */
export async function findMedia(sql: Sql, incident: number, id: number): Promise<IncidentMedia | undefined> {
  const [row] = await sql<IncidentMedia[]>`
    select id::float8, phase, media_type as type, bytes, sha256, app.iso_time(at) as at, actor, post
    from app.incident_media where incident_id = ${incident} and id = ${id} and removed_at is null`;
  return row;
}

/**
 * Keeps a photo or video of an incident, without what it says beside its picture. The same file again is the one that is
 * there.
 * @throws ApiError MEDIA_TYPE_UNSUPPORTED, BODY_TOO_LARGE, BODY_INVALID, LIMIT_EXCEEDED, INCIDENT_NOT_FOUND, FORBIDDEN
 */
export async function addMedia(
  sql: Sql,
  store: MediaStore,
  incident: number,
  phase: Phase,
  bytes: Uint8Array,
  who: Actor,
): Promise<IncidentMedia> {
  const type = mediaTypeOf(bytes);
  if (!type) {
    const message = `The file is none of ${Object.keys(mediaTypes).join(', ')}, whatever it is called.`;
    throw new ApiError('MEDIA_TYPE_UNSUPPORTED', message, { field: 'body' });
  }
  const { most } = mediaTypes[type];
  if (bytes.length > most) {
    throw new ApiError('BODY_TOO_LARGE', `A file of ${type} may have ${most} bytes, not ${bytes.length}.`);
  }
  const stripped = strip(bytes, type);
  return sql.begin(async (tx) => {
    const sha256 = hashOf(stripped);
    await lockFile(tx, sha256);
    await store.put(sha256, stripped);
    if (!(await lockIncidents(tx, [incident])).has(incident)) throw incidentNotFound(incident);
    const known = await tx<{ id: number; sha256: string; phase: string; post: string; removed: boolean }[]>`
      select id, sha256, phase, post, removed_at is not null as removed
      from app.incident_media where incident_id = ${incident}`;
    const same = known.find((each) => each.sha256 === sha256 && each.phase === phase);
    const isNew = !same || same.removed;
    const isReporter = who.post === 'reporter';
    if (isReporter && same?.removed) {
      throw new ApiError('FORBIDDEN', 'This file was taken out for what it shows.', { field: 'body' });
    }
    const there = known.filter(({ removed }) => !removed);
    const ofReporter = there.filter(({ post }) => post === 'reporter').length;
    if (isNew && (there.length >= MOST_FILES || (isReporter && ofReporter >= MOST_FILES_OF_REPORTER))) {
      const most = isReporter ? MOST_FILES_OF_REPORTER : MOST_FILES;
      throw new ApiError('LIMIT_EXCEEDED', `Incident ${incident} has ${most} files, which is the most.`);
    }
    const [row] = await tx<IncidentMedia[]>`
      insert into app.incident_media as m (incident_id, phase, media_type, bytes, sha256, at, actor, post)
      values (${incident}, ${phase}, ${type}, ${stripped.length}, ${sha256}, ${new Date()}, ${who.actor}, ${who.post})
      on conflict (incident_id, phase, sha256) do update set removed_at = null
      returning id::float8, phase, media_type as type, bytes, sha256, app.iso_time(at) as at, actor, post`;
    if (!row) throw incidentNotFound(incident);
    if (isNew) {
      const detail = { media: row.id, phase, type, sha256 };
      await logMoves(tx, [await applyNote(tx, { ...who, incident, note: 'media_add', detail })]);
    }
    return row;
  });
}

function strip(bytes: Uint8Array, type: keyof typeof mediaTypes): Uint8Array {
  try {
    return stripMedia(bytes, type);
  } catch (cause) {
    if (!(cause instanceof BrokenMedia)) throw cause;
    throw new ApiError('BODY_INVALID', `The file is no whole ${type}: ${cause.message}.`, { field: 'body', cause });
  }
}

/** Takes a file out again. What happened stays in the history; the file goes when no incident has it any more. */
export async function removeMedia(
  sql: Sql,
  store: MediaStore,
  incident: number,
  id: number,
  reason: string,
  who: Actor,
): Promise<void> {
  const sha256 = await sql.begin(async (tx) => {
    if (!(await lockIncidents(tx, [incident])).has(incident)) throw incidentNotFound(incident);
    const [gone] = await tx<{ sha256: string }[]>`
      update app.incident_media set removed_at = now()
      where incident_id = ${incident} and id = ${id} and removed_at is null returning sha256`;
    if (!gone) throw mediaNotFound(id);
    await logMoves(tx, [
      await applyNote(tx, {
        ...who,
        incident,
        note: 'media_remove',
        reason,
        detail: { media: id, sha256: gone.sha256 },
      }),
    ]);
    return gone.sha256;
  });
  await sql.begin(async (tx) => {
    await lockFile(tx, sha256);
    const others = await tx`select from app.incident_media where sha256 = ${sha256} and removed_at is null limit 1`;
    if (others.length === 0) await store.remove(sha256);
  });
}

/** Whoever adds a file and whoever removes the same one wait for each other. */
async function lockFile(tx: TransactionSql, sha256: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`media ${sha256}`}, 0))`;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function mediaNotFound(id: number): ApiError {
  return new ApiError('MEDIA_NOT_FOUND', `The incident has no file ${id}.`, { field: 'media', value: id });
}
