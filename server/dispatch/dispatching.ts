import type { Role } from '../../layers/access.ts';
import type { Text } from '../../layers/define.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Incident } from '../contract.ts';
import type { Database, TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { ApiError } from '../errors.ts';
import { findIncident } from '../incidents/store.ts';
import type { Dispatch, DispatchInput } from './contract.ts';
import { lockIncident, placeWith, tellScreens } from './place-with.ts';
import { addRequest, findRequest, findWaiting, listSilent, readNext, settle, type Asked } from './requests.ts';
import { findCandidate, suggest } from './suggest.ts';

interface Services {
  db: Database;
  catalogue: Catalogue;
}

/** Who asks or answers, as the history names them. */
export interface Who {
  role: Role;
  name: string;
}

/** How the service itself is named. */
const SERVICE = 'dispatch';
/** Requests that are followed up in one transaction. */
const MOST_SILENT = 200;

function noIncident(id: number): ApiError {
  return new ApiError('INCIDENT_NOT_FOUND', `There is no incident ${id}.`, { field: 'id', value: id });
}

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
  who: Who,
  id: number,
  input: DispatchInput,
  now = new Date(),
): Promise<{ dispatch: Dispatch; isNew: boolean }> {
  const { db } = services;
  const incident = await findIncident(db.sql, who.role, id);
  if (!incident) throw noIncident(id);
  const { candidates } = await suggest(services, who.role, incident, now);
  const suggested = candidates.find((each) => each.kind === input.kind && each.id === input.id);
  const found = suggested ?? (await findCandidate(services, who.role, incident, input, now));
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
    ...(await areaHeads(services, who.role, incident)),
  ];
  return db.sql.begin(async (tx) => {
    const locked = await lockIncident(tx, id);
    if (locked === null) throw noIncident(id);
    if (!locked.isOpen) {
      throw new ApiError('INCIDENT_OVER', `Incident ${id} is over: nobody is asked any more.`, {
        field: 'id',
        value: id,
      });
    }
    const waiting = await findWaiting(tx, id);
    if (waiting?.kind === input.kind && waiting.candidate === input.id) return { dispatch: waiting, isNew: false };
    if (waiting !== null) await settle(tx, waiting.id, 'withdrawn', now);
    const isOverride = suggested !== first;
    const dispatch = await ask(tx, {
      incident: id,
      asked,
      next,
      override: isOverride ? override : null,
      actor: who.name,
      follows: waiting?.id ?? null,
      at: now,
    });
    await tellScreens(tx, [id]);
    return { dispatch, isNew: true };
  }) as Promise<{ dispatch: Dispatch; isNew: boolean }>;
}

/** Writes a request down, and in the history who has the incident now. */
async function ask(tx: TransactionSql, request: Parameters<typeof addRequest>[1]): Promise<Dispatch> {
  const { incident, asked, override, actor, at } = request;
  const dispatch = await addRequest(tx, request);
  await placeWith(tx, {
    incident,
    note: 'dispatch_ask',
    actor,
    post: actor === SERVICE ? 'system' : 'dispatcher',
    department: asked.kind === 'department' ? asked.id : null,
    reason: override,
    detail: { dispatch: dispatch.id, kind: asked.kind, title: asked.title, rank: asked.rank },
    holder:
      asked.kind === 'department'
        ? { department: asked.id, assignee: null }
        : { assignee: asked.kind === 'staff' ? asked.id : null },
    at,
  });
  return dispatch;
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
  return { dispatch, isOpen: locked.isOpen };
}

function settledAlready({ id, state }: Dispatch): ApiError {
  return new ApiError('DISPATCH_SETTLED', `Request ${id} is ${state}: it waits for no answer any more.`, {
    field: 'id',
    value: id,
  });
}

/** "I have it." In time as long as nobody else was asked. Once more changes nothing. */
export async function acknowledge(
  { db }: Pick<Services, 'db'>,
  who: Who,
  id: number,
  now = new Date(),
): Promise<Dispatch> {
  return db.sql.begin(async (tx) => {
    const { dispatch } = await lockRequest(tx, who.role, id);
    if (dispatch.state === 'acknowledged') return dispatch;
    if (dispatch.state !== 'asked') throw settledAlready(dispatch);
    const settled = await settle(tx, id, 'acknowledged', now);
    await placeWith(tx, { ...answered(dispatch, who), note: 'dispatch_acknowledge', at: now });
    await tellScreens(tx, [dispatch.incident]);
    return settled;
  }) as Promise<Dispatch>;
}

/** "Not me." The next one is asked at once. */
export async function decline(
  { db }: Pick<Services, 'db'>,
  who: Who,
  id: number,
  reason: string,
  now = new Date(),
): Promise<Dispatch> {
  return db.sql.begin(async (tx) => {
    const { dispatch, isOpen } = await lockRequest(tx, who.role, id);
    if (dispatch.state !== 'asked') throw settledAlready(dispatch);
    const settled = await settle(tx, id, 'declined', now, reason);
    await placeWith(tx, { ...answered(dispatch, who), note: 'dispatch_decline', reason, at: now });
    if (isOpen) await askNext(tx, dispatch, now);
    await tellScreens(tx, [dispatch.incident]);
    return settled;
  }) as Promise<Dispatch>;
}

function answered(dispatch: Dispatch, who: Who) {
  return {
    incident: dispatch.incident,
    actor: who.name,
    post: dispatch.kind === 'department' ? 'department' : 'collector',
    department: dispatch.kind === 'department' ? dispatch.candidate : null,
    detail: { dispatch: dispatch.id, kind: dispatch.kind, title: dispatch.title },
  };
}

/** Asks who comes next; when there is nobody left, that is written down, too. */
async function askNext(tx: TransactionSql, dispatch: Dispatch, now: Date): Promise<void> {
  const [asked, ...next] = await readNext(tx, dispatch.id);
  const { incident } = dispatch;
  if (asked === undefined) {
    await placeWith(tx, {
      incident,
      note: 'dispatch_exhaust',
      actor: SERVICE,
      post: 'system',
      detail: { dispatch: dispatch.id },
      at: now,
    });
    return;
  }
  await ask(tx, { incident, asked, next, override: null, actor: SERVICE, follows: dispatch.id, at: now });
}

/**
 * Follows up what nobody answered in time: the next candidate is asked, then the head of the community, then the town. What
 * is over meanwhile is withdrawn. Returns how many were followed up.
 */
export async function escalateSilent(tx: TransactionSql, now: Date): Promise<number> {
  const silent = await listSilent(tx, now, MOST_SILENT);
  const told = new Set<number>();
  for (const { id, incident } of silent) {
    const locked = await lockIncident(tx, incident);
    const dispatch = await findRequest(tx, id);
    // Somebody answered while the incident was waited for.
    if (locked === null || dispatch?.state !== 'asked') continue;
    told.add(incident);
    await settle(tx, id, locked.isOpen ? 'escalated' : 'withdrawn', now);
    await placeWith(tx, {
      incident,
      note: locked.isOpen ? 'dispatch_escalate' : 'dispatch_withdraw',
      actor: SERVICE,
      post: 'system',
      detail: { dispatch: id, kind: dispatch.kind, title: dispatch.title },
      at: now,
    });
    if (locked.isOpen) await askNext(tx, dispatch, now);
  }
  if (told.size > 0) await tellScreens(tx, [...told]);
  return told.size;
}

/** Takes part in following up requests that nobody answers. */
export async function takeOnSilence(duties: Duties): Promise<void> {
  await duties.every({
    name: 'dispatch-silence',
    everyMs: 2000,
    run: async (tx) => void (await escalateSilent(tx, new Date())),
  });
}
