import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { departments } from '../../layers/departments.ts';
import type { Caller } from '../auth/caller.ts';
import { posts, type Post } from '../auth/posts.ts';
import { Incident } from '../contract/incidents.ts';
import { namesTag } from '../entity-tag.ts';
import { ApiError } from '../errors.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import {
  CommentInput,
  IncidentHistory,
  IncidentMedia,
  MilestoneInput,
  MoveInput,
  PHASES,
  RatingInput,
  TaskInput,
  TaskStepInput,
  Workflow,
} from '../workflow/contract.ts';
import { escalationLevels, SUPERVISE_AT } from '../workflow/escalation.ts';
import type { Actor } from '../workflow/history.ts';
import { milestones, stageLimits } from '../workflow/limits.ts';
import { conditions, moveIds, moveOf, notes, stageIds, stageOf, steps } from '../workflow/machine.ts';
import { addMedia, findMedia, mediaNotFound, removeMedia } from '../workflow/media.ts';
import { moveIncident } from '../workflow/move-incident.ts';
import { noteIncident } from '../workflow/note-incident.ts';
import { isRatingToken, rate, ratings } from '../workflow/rating.ts';
import { readIncidentHistory } from '../workflow/read-incident-history.ts';
import { addTask, stepTask, taskSteps, type TaskStep } from '../workflow/tasks.ts';
import { failure, IncidentId, json, NOT_MODIFIED, numberInPath } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { endpoint } from './router.ts';

const tags = ['workflow'];
/** What the public is told. */
const STAFF_ONLY = 'Only staff may do this.';

const machine: Workflow = {
  steps: [...steps],
  stages: stageIds.map((id) => {
    const { title, step, state, isFinal = false, stopsClock = false } = stageOf(id);
    return { id, title, step, state, isFinal, stopsClock, limit: stageLimits[id] };
  }),
  moves: moveIds.map((id) => {
    const { title, from, to, posts: who, needsReason = false, needs = [], condition, clock = 'keep' } = moveOf(id);
    return {
      id,
      title,
      from: [...from],
      to,
      posts: [...who],
      needsReason,
      needs: [...needs],
      condition: condition === undefined ? null : conditions[condition],
      clock,
    };
  }),
  notes: Object.entries(notes).map(([id, title]) => ({ id, title })),
  posts: Object.entries(posts).map(([id, title]) => ({ id, title })),
  departments: Object.values(departments).map(({ id, title }) => ({ id, title })),
  escalation: [...escalationLevels],
  supervision: [...SUPERVISE_AT],
  ratings: Object.entries(ratings)
    .map(([score, title]) => ({ score: Number(score), title }))
    .toReversed(),
};
const machineTag = `"${createHash('sha256').update(JSON.stringify(machine)).digest('hex').slice(0, 16)}"`;

export const readWorkflow = endpoint(
  createRoute({
    method: 'get',
    path: '/api/workflow',
    tags,
    summary: 'The workflow of incidents as data: steps, stages, moves, posts, limits',
    responses: { 200: json(Workflow, 'The machine'), 304: NOT_MODIFIED },
  }),
  async (c) => {
    const headers = { ETag: machineTag, 'Cache-Control': 'public, max-age=300' };
    if (namesTag(c.req.header('If-None-Match'), machineTag)) return c.body(null, 304, headers);
    return c.json(machine, 200, headers);
  },
);

export const readHistory = endpoint(
  createRoute({
    method: 'get',
    path: '/api/incidents/{id}/history',
    tags,
    summary: 'How an incident came to where it is, and what the caller may do with it now',
    description: 'The public sees stages and times only. The ETag is the version, for `If-Match` of a move.',
    request: { params: IncidentId },
    responses: { 200: json(IncidentHistory, 'The history'), 404: failure('INCIDENT_NOT_FOUND') },
  }),
  async (c) => {
    const { sql } = c.var.services.db;
    const incident = await getIncident(sql, c.var.caller.role, c.req.valid('param').id);
    const body = await readIncidentHistory(sql, incident, c.var.caller, Date.now());
    return c.json(body, 200, { ETag: `"${incident.version}"`, 'Cache-Control': 'no-store' });
  },
);

export const makeMove = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/moves',
    tags,
    summary: 'Move an incident along the workflow',
    description:
      'One of the moves of `/api/workflow`. Of moves at the same time one wins. `If-Match: "version"` refuses what was decided on an older version.',
    request: {
      params: IncidentId,
      headers: z.object({
        'if-match': z
          .string()
          .regex(/^(W\/)?"\d{1,9}"$/, 'must be the version in quotes, as ETag has it')
          .optional(),
      }),
      body: { required: true, ...json(MoveInput, 'The move') },
    },
    responses: {
      200: json(Incident, 'The incident after it'),
      400: failure('BODY_INVALID: a reason or a detail is missing or wrong'),
      403: failure('FORBIDDEN: not staff, or not in this post'),
      404: failure('INCIDENT_NOT_FOUND'),
      409: failure('MOVE_NOT_ALLOWED: not from this stage, or not now'),
      412: failure('INCIDENT_CHANGED'),
    },
  }),
  async (c) => {
    const { move, reason, post, expectedStage, ...detail } = c.req.valid('json');
    const { id } = c.req.valid('param');
    const { sql } = c.var.services.db;
    requireStaff(c, STAFF_ONLY);
    await getIncident(sql, c.var.caller.role, id);
    if (detail.parent !== undefined) await getIncident(sql, c.var.caller.role, detail.parent);
    const version = c.req.valid('header')['if-match']?.replace(/\D/g, '');
    const incident = await moveIncident(sql, {
      incident: id,
      move,
      ...actorOf(c.var.caller, moveOf(move).posts, post),
      reason,
      detail,
      expectedStage,
      expectedVersion: version === undefined ? undefined : Number(version),
    });
    return c.json(incident, 200, { ETag: `"${incident.version}"` });
  },
);

export const addComment = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/comments',
    tags,
    summary: 'Write a comment into the history of an incident',
    request: { params: IncidentId, body: { required: true, ...json(CommentInput, 'The comment') } },
    responses: {
      201: json(Incident, 'The incident'),
      403: failure('FORBIDDEN'),
      404: failure('INCIDENT_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { sql } = c.var.services.db;
    const { text, post } = c.req.valid('json');
    const { id } = c.req.valid('param');
    requireStaff(c, STAFF_ONLY);
    const who = actorOf(c.var.caller, c.var.caller.posts, post);
    return c.json(await noteIncident(sql, { ...who, incident: id, note: 'comment', reason: text }), 201);
  },
);

export const reachMilestone = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/milestones',
    tags,
    summary: 'Note that a milestone of the handling is reached',
    request: { params: IncidentId, body: { required: true, ...json(MilestoneInput, 'Which one') } },
    responses: {
      201: json(Incident, 'The incident'),
      400: failure('BODY_INVALID: the category has no such milestone'),
      403: failure('FORBIDDEN'),
      404: failure('INCIDENT_NOT_FOUND'),
      409: failure('MOVE_NOT_ALLOWED: reached before'),
    },
  }),
  async (c) => {
    const { sql } = c.var.services.db;
    const { id } = c.req.valid('param');
    const { milestone } = c.req.valid('json');
    requireStaff(c, STAFF_ONLY);
    const incident = await getIncident(sql, c.var.caller.role, id);
    const who = actorOf(c.var.caller, ['department', 'dispatcher'], undefined, incident.department);
    if (!milestones[incident.category]?.some((each) => each.id === milestone)) {
      const message = `milestone: category ${incident.category} has no milestone ${milestone}`;
      throw new ApiError('BODY_INVALID', message, { field: 'milestone', value: milestone });
    }
    const noted = await sql.begin(async (tx) => {
      await tx`select from app.incident where id = ${id} for update`;
      const before = await tx`
        select from app.incident_event
        where incident_id = ${id} and move = 'milestone' and detail ->> 'milestone' = ${milestone}`;
      if (before.length > 0) {
        const message = `Milestone ${milestone} of incident ${id} was reached before.`;
        throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'milestone', value: milestone });
      }
      return noteIncident(tx, { ...who, incident: id, note: 'milestone', detail: { milestone } });
    });
    return c.json(noted, 201);
  },
);

const taskAnswers = {
  403: failure('FORBIDDEN'),
  404: failure('INCIDENT_NOT_FOUND, TASK_NOT_FOUND'),
  409: failure('MOVE_NOT_ALLOWED'),
};

export const giveTask = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/tasks',
    tags,
    summary: 'Give a further department its part of a matter',
    description: 'The matter cannot be reported done before all its sub-tasks are.',
    request: { params: IncidentId, body: { required: true, ...json(TaskInput, 'The task') } },
    responses: { 201: json(Incident, 'The incident'), 400: failure('BODY_INVALID'), ...taskAnswers },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const who = actorOf(c.var.caller, ['dispatcher']);
    const incident = await addTask(c.var.services.db.sql, c.req.valid('param').id, c.req.valid('json'), who);
    return c.json(incident, 201);
  },
);

export const stepOfTask = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/tasks/{task}/{step}',
    tags,
    summary: 'Take a sub-task one step further: acknowledged, on the scene, done, or withdrawn',
    request: {
      params: IncidentId.extend({
        task: numberInPath('task', 17),
        step: z
          .enum(Object.keys(taskSteps) as [TaskStep, ...TaskStep[]])
          .openapi({ param: { name: 'step', in: 'path' } }),
      }),
      body: { required: true, ...json(TaskStepInput, 'What came of it') },
    },
    responses: { 200: json(Incident, 'The incident'), ...taskAnswers },
  }),
  async (c) => {
    const { id, task, step } = c.req.valid('param');
    requireStaff(c, STAFF_ONLY);
    const who = actorOf(c.var.caller, taskSteps[step].posts);
    const { result } = c.req.valid('json');
    return c.json(await stepTask(c.var.services.db.sql, id, task, step, result, who), 200);
  },
);

const PhaseParameter = z.object({ phase: z.enum(PHASES) });

export const uploadMedia = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/media',
    tags,
    summary: 'Add a photo or video: JPEG, PNG or WebP up to 8 MiB, MP4 up to 32 MiB',
    description:
      'The body is the file itself. Its first bytes say what it is. Place, time, owner and camera in the file are not kept.',
    request: {
      params: IncidentId,
      query: PhaseParameter,
      body: {
        required: true,
        content: {
          'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
        },
      },
    },
    responses: {
      201: json(IncidentMedia, 'Kept'),
      400: failure('BODY_INVALID: not a whole file'),
      403: failure('FORBIDDEN'),
      404: failure('INCIDENT_NOT_FOUND'),
      413: failure('BODY_TOO_LARGE'),
      415: failure('MEDIA_TYPE_UNSUPPORTED'),
      422: failure('LIMIT_EXCEEDED: 40 files'),
    },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const { db, media } = c.var.services;
    requireStaff(c, STAFF_ONLY);
    const who = actorOf(c.var.caller, c.var.caller.posts);
    await getIncident(db.sql, c.var.caller.role, id);
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    return c.json(await addMedia(db.sql, media, id, c.req.valid('query').phase, bytes, who), 201);
  },
);

const MediaId = IncidentId.extend({ media: numberInPath('media', 17) });

export const readMedia = endpoint(
  createRoute({
    method: 'get',
    path: '/api/incidents/{id}/media/{media}',
    tags,
    summary: 'A photo or video of an incident. Staff only: it may show persons',
    request: { params: MediaId },
    responses: {
      200: {
        description: 'The file',
        content: { 'image/jpeg': { schema: z.string().openapi({ format: 'binary' }) } },
      },
      304: NOT_MODIFIED,
      403: failure('FORBIDDEN'),
      404: failure('INCIDENT_NOT_FOUND, MEDIA_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { id, media } = c.req.valid('param');
    const { db, media: store } = c.var.services;
    await getIncident(db.sql, c.var.caller.role, id);
    requireStaff(c, STAFF_ONLY);
    const found = await findMedia(db.sql, id, media);
    if (!found) throw mediaNotFound(media);
    const tag = `"${found.sha256}"`;
    const headers = { ETag: tag, 'Cache-Control': 'private, max-age=3600' };
    if (namesTag(c.req.header('If-None-Match'), tag)) return c.body(null, 304, headers);
    const file = await store.read(found.sha256);
    if (!file) throw mediaNotFound(media);
    return c.body(Readable.toWeb(file) as ReadableStream, 200, {
      ...headers,
      'Content-Type': found.type,
      'Content-Length': String(found.bytes),
      'Content-Disposition': 'inline',
      // Whatever somebody managed to upload: it is shown as what it is, or not at all.
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; sandbox",
    });
  },
);

export const deleteMedia = endpoint(
  createRoute({
    method: 'delete',
    path: '/api/incidents/{id}/media/{media}',
    tags,
    summary: 'Take a photo or video out again, for what it shows',
    request: {
      params: MediaId,
      query: z.object({ reason: z.string().trim().min(1).max(500) }),
    },
    responses: {
      204: { description: 'It is gone' },
      403: failure('FORBIDDEN: neither shift leader nor supervising leader'),
      404: failure('INCIDENT_NOT_FOUND, MEDIA_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { id, media } = c.req.valid('param');
    const { db, media: store } = c.var.services;
    requireStaff(c, STAFF_ONLY);
    const who = actorOf(c.var.caller, ['shift_lead', 'leader']);
    await removeMedia(db.sql, store, id, media, c.req.valid('query').reason, who);
    return c.body(null, 204);
  },
);

export const rateIncident = endpoint(
  createRoute({
    method: 'post',
    path: '/api/incidents/{id}/satisfaction',
    tags,
    summary: 'Rate what became of an incident: its reporter with the token, or staff on their behalf',
    request: { params: IncidentId, body: { required: true, ...json(RatingInput, 'The rating') } },
    responses: {
      204: { description: 'Kept' },
      403: failure('FORBIDDEN: neither staff nor a token'),
      404: failure('INCIDENT_NOT_FOUND: there is none, or the token is not that of it'),
      409: failure('MOVE_NOT_ALLOWED: not over yet, or rated by the reporter'),
    },
  }),
  async (c) => {
    const { sql } = c.var.services.db;
    const { id } = c.req.valid('param');
    const { token, score, comment } = c.req.valid('json');
    let who: Actor = { actor: 'reporter', post: 'reporter' };
    if (token !== undefined) {
      // What the token does not open answers like what is not there.
      if (!(await isRatingToken(sql, id, token))) throw incidentNotFound(id);
    } else {
      requireStaff(c, STAFF_ONLY);
      who = actorOf(c.var.caller, c.var.caller.posts);
    }
    await rate(sql, id, { score, comment }, who);
    return c.body(null, 204);
  },
);

/**
 * The caller in the post in which they act: the one they name, or the first of those that may. `owner` is the department
 * that somebody of a department must be of.
 * @throws ApiError FORBIDDEN when they hold none of them
 */
function actorOf(caller: Caller, may: readonly Post[], wanted?: Post, owner?: string | null): Actor {
  const post = may.find(
    (each) =>
      caller.posts.includes(each) &&
      (wanted === undefined || each === wanted) &&
      (each !== 'department' || owner === undefined || caller.department === null || caller.department === owner),
  );
  if (post === undefined) {
    const message = `This is for ${may.map((each) => `${each} (${posts[each].zh})`).join(', ')}; the caller is none of them.`;
    throw new ApiError('FORBIDDEN', message, { field: 'post', value: wanted ?? caller.posts.join('+') });
  }
  return { actor: caller.name, post, department: caller.department };
}
