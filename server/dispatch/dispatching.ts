import type { Role } from '../../layers/access.ts';
import type { Text } from '../../layers/define.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Database, TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { ApiError } from '../errors.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import { logMoves, type Moved } from '../workflow/move-incident.ts';
import type { Dispatch, DispatchInput } from './contract.ts';
import { acknowledgeIn, askIn, lockIncident, noteIn, type Who } from './place-with.ts';
import { addRequest, findRequest, findWaiting, listSilent, readNext, settle, type Asked } from './requests.ts';
import { findCandidate, suggest } from './suggest.ts';

interface Services {
  db: Database;
  catalogue: Catalogue;
}

/** The service itself. */
const SERVICE: Who = { actor: 'dispatch', posts: ['system'] };
/** Why the next one is asked, as the history tells it. */
const SILENT = '超时未确认 Not answered in time';
const DECLINED = '对方不能接收 Declined';
/** Requests that are followed up in one transaction. */
const MOST_SILENT = 200;

function noRequest(id: number): ApiError {
  return new ApiError('DISPATCH_NOT_FOUND', `There is no request ${id}.`, { field: 'id', value: id });
}

/**
 * Asks one candidate to deal with an incident: who was chosen, why, and who would be asked next are written down, the
 * history and the screens are told, all in one transaction. A request that still waits is withdrawn; the same one again
 * changes nothing.
 *
 * @throws ApiError REASON_REQUIRED when it is not the first suggestion and no reason is given, CANDIDATE_NOT_FOUND,
 *   INCIDENT_NOT_FOUND, INCIDENT_OVER
 */
export async function dispatchIncident(
  services: Services,
  role: Role,
  who: Who,
  id: number,
  input: DispatchInput,
  now = new Date(),
): Promise<{ dispatch: Dispatch; isNew: boolean }> {
  const { db } = services;
  const incident = await getIncident(db.sql, role, id);
  const { candidates } = await suggest(services, role, incident, now);
  const suggested = candidates.find((each) => each.kind === input.kind && each.id === input.id);
  const found = suggested ?? (await findCandidate(services, role, incident, input, now));
  if (found === null) {
    throw new ApiError('CANDIDATE_NOT_FOUND', `There is no ${input.kind} ${input.id} to be asked.`, {
      field: 'id',
      value: input.id,
    });
  }
  // Whoever said no, or nothing, is not the one to be asked first.
  const first = candidates.find(({ answered }) => answered === null);
  const override = input.override ?? null;
  if (override === null && first !== undefined && suggested !== first) {
    throw new ApiError(
      'REASON_REQUIRED',
      `override: the first suggestion is ${first.title.en}; say why somebody else is asked`,
      { field: 'override' },
    );
  }
  const asked: Asked = {
    kind: input.kind,
    id: input.id,
    title: found.title,
    rank: suggested?.rank ?? null,
    reasons: found.reasons,
  };
  const next: Asked[] = [
    ...candidates
      .filter((each) => each !== suggested && each.answered === null)
      .slice(0, 1)
      .map(({ kind, id: candidate, title, rank, reasons }) => ({ kind, id: candidate, title, rank, reasons })),
    ...(await areaHeads(services, role, incident)),
  ];
  return db.sql.begin(async (tx) => {
    const locked = await lockIncident(tx, id);
    if (locked === null) throw incidentNotFound(id);
    if (locked.state !== 'open') {
      throw new ApiError('INCIDENT_OVER', `Incident ${id} is over: nobody is asked any more.`, {
        field: 'id',
        value: id,
      });
    }
    const waiting = await findWaiting(tx, id);
    if (waiting?.kind === input.kind && waiting.candidate === input.id) return { dispatch: waiting, isNew: false };
    const reason = suggested === first ? null : override;
    const moved: Moved[] = [];
    if (waiting !== null) {
      await settle(tx, waiting.id, 'withdrawn', now);
      moved.push(await noteIn(tx, 'dispatch_withdraw', { dispatch: waiting, who, reason: null, at: now }));
    }
    const dispatch = await addRequest(tx, {
      incident: id,
      asked,
      next,
      override: reason,
      actor: who.actor,
      follows: waiting?.id ?? null,
      at: now,
    });
    await logMoves(tx, [...moved, ...(await askIn(tx, { dispatch, who, reason, at: now }))]);
    return { dispatch, isNew: true };
  }) as Promise<{ dispatch: Dispatch; isNew: boolean }>;
}

function head(kind: 'community' | 'town', id: string, title: Text): Asked {
  return { kind, id, title, rank: null, reasons: null };
}

/** The head of the community, then the town: whom one turns to when nobody answers. */
async function areaHeads({ db, catalogue }: Services, role: Role, incident: Incident): Promise<Asked[]> {
  const entries = await catalogue.list(role);
  const nameOf = async (layer: string, code: string): Promise<string> => {
    const entry = entries.find(({ layer: { id } }) => id === layer);
    if (entry === undefined || entry.state === null) return code;
    const [row] = await db.sql<{ name: string | null }[]>`
      select name from ${db.sql(entry.state.table)} where source_id = ${code}`;
    return row?.name ?? code;
  };
  const [community, town] = await Promise.all([
    nameOf('community_boundary', incident.community),
    nameOf('town_boundary', incident.town),
  ]);
  return [
    head('community', incident.community, { zh: `${community}总网格长`, en: `Head of ${community}` }),
    head('town', incident.town, { zh: `${town}网格办`, en: `Grid office of ${town}` }),
  ];
}

/** Locks a request that the caller may know of, after its incident. */
async function lockRequest(
  tx: TransactionSql,
  role: Role,
  id: number,
): Promise<{ dispatch: Dispatch; isOpen: boolean }> {
  const [row] = await tx<{ incident: number }[]>`
    select d.incident_id::float8 as incident from app.dispatch d join app.incident i on i.id = d.incident_id
    where d.id = ${id} and (not i.restricted or ${role === 'staff'})`;
  const locked = row === undefined ? null : await lockIncident(tx, row.incident);
  const dispatch = locked === null ? null : await findRequest(tx, id);
  if (locked === null || dispatch === null) throw noRequest(id);
  return { dispatch, isOpen: locked.state === 'open' };
}

/** Departments answer for themselves; for people in the field their posts or, on the telephone, the dispatcher. */
function requireAnswerer({ kind, candidate }: Dispatch, who: Who): void {
  const isAllowed =
    kind === 'department'
      ? who.posts.includes('department') && (!who.department || who.department === candidate)
      : who.posts.includes('collector') || who.posts.includes('dispatcher');
  if (!isAllowed) throw new ApiError('FORBIDDEN', 'This request is for others to answer.');
}

function settledAlready({ id, state }: Dispatch): ApiError {
  return new ApiError('DISPATCH_SETTLED', `Request ${id} is ${state}: it waits for no answer any more.`, {
    field: 'id',
    value: id,
  });
}

/** "I have it." In time as long as nobody else was asked. Once more changes nothing. */
export async function acknowledge(db: Database, role: Role, who: Who, id: number, now = new Date()): Promise<Dispatch> {
  return db.sql.begin(async (tx) => {
    const { dispatch } = await lockRequest(tx, role, id);
    requireAnswerer(dispatch, who);
    if (dispatch.state === 'acknowledged') return dispatch;
    if (dispatch.state !== 'asked') throw settledAlready(dispatch);
    const settled = await settle(tx, id, 'acknowledged', now);
    await logMoves(tx, await acknowledgeIn(tx, { dispatch, who, reason: null, at: now }));
    return settled;
  }) as Promise<Dispatch>;
}

/** "Not me." The next one is asked at once. */
export async function decline(
  db: Database,
  role: Role,
  who: Who,
  id: number,
  reason: string,
  now = new Date(),
): Promise<Dispatch> {
  return db.sql.begin(async (tx) => {
    const { dispatch, isOpen } = await lockRequest(tx, role, id);
    requireAnswerer(dispatch, who);
    if (dispatch.state !== 'asked') throw settledAlready(dispatch);
    const settled = await settle(tx, id, 'declined', now, reason);
    const moved = [await noteIn(tx, 'dispatch_decline', { dispatch, who, reason, at: now })];
    if (isOpen) moved.push(...(await askNext(tx, dispatch, DECLINED, now)));
    await logMoves(tx, moved);
    return settled;
  }) as Promise<Dispatch>;
}

/** Asks who comes next; when there is nobody left, that is written down, too. */
async function askNext(tx: TransactionSql, before: Dispatch, reason: string, now: Date): Promise<Moved[]> {
  const [asked, ...next] = await readNext(tx, before.id);
  const { incident } = before;
  if (asked === undefined) {
    return [await noteIn(tx, 'dispatch_exhaust', { dispatch: before, who: SERVICE, reason: null, at: now })];
  }
  const { actor } = SERVICE;
  const dispatch = await addRequest(tx, { incident, asked, next, override: null, actor, follows: before.id, at: now });
  return askIn(tx, { dispatch, who: SERVICE, reason, at: now });
}

/**
 * Follows up what nobody answered in time: the next candidate is asked, then the head of the community, then the town. What
 * is over meanwhile is withdrawn. Returns how many were followed up.
 */
export async function escalateSilent(tx: TransactionSql, now: Date): Promise<number> {
  const moved: Moved[] = [];
  let count = 0;
  for (const { id, incident } of await listSilent(tx, now, MOST_SILENT)) {
    const locked = await lockIncident(tx, incident);
    const dispatch = await findRequest(tx, id);
    // Somebody answered while the incident was waited for.
    if (locked === null || dispatch?.state !== 'asked') continue;
    count += 1;
    const isOpen = locked.state === 'open';
    await settle(tx, id, isOpen ? 'escalated' : 'withdrawn', now);
    const note = isOpen ? 'dispatch_escalate' : 'dispatch_withdraw';
    moved.push(await noteIn(tx, note, { dispatch, who: SERVICE, reason: null, at: now }));
    if (isOpen) moved.push(...(await askNext(tx, dispatch, SILENT, now)));
  }
  await logMoves(tx, moved);
  return count;
}

/** Takes part in following up requests that nobody answers. */
export async function takeOnUnanswered(duties: Duties): Promise<void> {
  await duties.every({
    name: 'dispatch-silence',
    everyMs: 2000,
    run: async (tx) => void (await escalateSilent(tx, new Date())),
  });
}
