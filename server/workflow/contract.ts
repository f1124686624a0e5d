/** What the routes of the workflow take and answer. */
import { z } from '@hono/zod-openapi';
import { Text } from '../contract/basics.ts';
import { Incident } from '../contract/incidents.ts';
import { STAFF_POSTS } from '../auth/posts.ts';
import { TIME_UNITS } from '../incidents/deadline.ts';
import { moveIds, stageIds, type MoveId, type StageId } from './machine.ts';

const Limit = z.object({ amount: z.number(), unit: z.enum(TIME_UNITS) });
const StageName = z.enum(stageIds as [StageId, ...StageId[]]);
const MoveName = z.enum(moveIds as [MoveId, ...MoveId[]]);

/** The machine itself: what a screen draws its steps and buttons from. */
export const Workflow = z
  .object({
    /** The seven steps. */
    steps: z.array(Text),
    stages: z.array(
      z.object({
        id: StageName,
        title: Text,
        /** 1 to 7. */
        step: z.number().int(),
        state: z.enum(['open', 'closed']),
        isFinal: z.boolean(),
        /** The clock of the matter stands here. */
        stopsClock: z.boolean(),
        /** Limits of urgent and of ordinary matters; `matter`: that of the matter; null: none. */
        limit: z.union([z.object({ urgent: Limit, ordinary: Limit }), z.literal('matter')]).nullable(),
      }),
    ),
    moves: z.array(
      z.object({
        id: MoveName,
        title: Text,
        from: z.array(StageName),
        /** null: the incident stays where it is. */
        to: StageName.nullable(),
        posts: z.array(z.string()),
        needsReason: z.boolean(),
        needs: z.array(z.enum(['department', 'parent', 'amount'])),
        condition: Text.nullable(),
        clock: z.enum(['start', 'stop', 'resume', 'keep']),
      }),
    ),
    /** What else the history holds. */
    notes: z.array(z.object({ id: z.string(), title: Text })),
    posts: z.array(z.object({ id: z.string(), title: Text })),
    departments: z.array(z.object({ id: z.string(), title: Text })),
    /** 吹哨报到, level by level. */
    escalation: z.array(z.object({ title: Text, limit: Limit.nullable() })),
    /** 督办 at these per cent of the limit. */
    supervision: z.array(z.number()),
    ratings: z.array(z.object({ score: z.number().int(), title: Text })),
  })
  .openapi('Workflow');

export const IncidentTask = z
  .object({
    id: z.number().int(),
    department: z.string(),
    instruction: z.string().nullable(),
    result: z.string().nullable(),
    state: z.enum(['open', 'acknowledged', 'arrived', 'done', 'cancelled']),
    createdAt: z.string(),
    createdBy: z.string(),
    dueAt: z.string().nullable(),
    acknowledgedAt: z.string().nullable(),
    arrivedAt: z.string().nullable(),
    doneAt: z.string().nullable(),
    cancelledAt: z.string().nullable(),
  })
  .openapi('IncidentTask');

export const PHASES = ['report', 'before', 'after'] as const;

export const IncidentMedia = z
  .object({
    id: z.number().int(),
    phase: z.enum(PHASES),
    /** `/api/incidents/{id}/media/{media}` has the file in this type. */
    type: z.string(),
    bytes: z.number().int(),
    sha256: z.string(),
    at: z.string(),
    actor: z.string(),
    post: z.string(),
  })
  .openapi('IncidentMedia');

export const HistoryEvent = z
  .object({
    id: z.number().int(),
    at: z.string(),
    /** A move, a note, or a word of another part of the service. */
    move: z.string(),
    title: Text.nullable(),
    /** What happened, by whom and why, as one sentence; for the public without names, words and numbers. */
    sentence: Text,
    from: z.string().nullable(),
    to: z.string().nullable(),
    /** Null for the public, like reason and detail. */
    actor: z.string().nullable(),
    post: z.string().nullable(),
    department: z.string().nullable(),
    reason: z.string().nullable(),
    dueBefore: z.string().nullable(),
    dueAfter: z.string().nullable(),
    stageDueAfter: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi('HistoryEvent');

/** How an incident came to where it is, and what the caller may do with it now. */
export const IncidentHistory = z
  .object({
    incident: Incident,
    clock: z.object({
      limit: Limit,
      /** What an extension added, in the unit of the limit. */
      added: z.number(),
      /** Left of it while it stands, ms; null while it runs. */
      leftMs: z.number().nullable(),
      light: z.enum(['green', 'yellow', 'red']),
      stageLight: z.enum(['green', 'yellow', 'red']),
      stageSince: z.string().nullable(),
      extensions: z.number().int(),
      reworks: z.number().int(),
    }),
    /** Times it was supervised by its limit, and its level of escalation. */
    supervision: z.number().int(),
    escalation: z.object({ level: z.number().int(), nextAt: z.string().nullable() }),
    milestones: z.array(
      z.object({ id: z.string(), title: Text, dueAt: z.string().nullable(), reachedAt: z.string().nullable() }),
    ),
    /** Moves of this caller in this stage; `blocked` says why one is not possible now. */
    moves: z.array(z.object({ id: MoveName, post: z.string(), blocked: Text.nullable() })),
    /** In which posts the caller is, and of which department; nobody in any for the public. */
    caller: z.object({ posts: z.array(z.string()), department: z.string().nullable() }),
    /** The oldest first. */
    events: z.array(HistoryEvent),
    tasks: z.array(IncidentTask),
    media: z.array(IncidentMedia),
    rating: z
      .object({
        score: z.number().int(),
        comment: z.string().nullable(),
        by: z.enum(['reporter', 'staff']),
        at: z.string(),
      })
      .nullable(),
    /** What the reporter rates it with; for staff, once it is over. */
    ratingToken: z.string().nullable(),
  })
  .openapi('IncidentHistory');

/** Text somebody writes: no control characters but line ends, no halves of surrogate pairs. */
const Words = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine(
      (text) => !/[\p{Cs}]|(?![\n\r\t])\p{Cc}/u.test(text),
      'holds a control character or half of a surrogate pair',
    );

const PostChoice = z.enum(STAFF_POSTS).optional();

export const MoveInput = z
  .strictObject({
    move: MoveName,
    /** Required where the move says so. */
    reason: Words(1000).optional(),
    /** In which post; left out: the first one of the caller's that may. */
    post: PostChoice,
    department: z.string().max(64).optional(),
    assignee: z.string().max(64).nullable().optional(),
    parent: z.number().int().positive().optional(),
    amount: z.number().positive().max(1000).optional(),
    category: z.string().max(8).optional(),
    severity: z.number().int().min(0).max(4).optional(),
    /** What the caller saw; refused when the incident is elsewhere by now. `If-Match` does the same for its version. */
    expectedStage: StageName.optional(),
  })
  .openapi('MoveInput');

export const CommentInput = z.strictObject({ text: Words(2000), post: PostChoice }).openapi('CommentInput');
export const TaskInput = z
  .strictObject({ department: z.string().max(64), instruction: Words(1000).optional() })
  .openapi('TaskInput');
export const TaskStepInput = z.strictObject({ result: Words(1000).optional() }).openapi('TaskStepInput');
export const MilestoneInput = z.strictObject({ milestone: z.string().max(32) }).openapi('MilestoneInput');
export const RatingInput = z
  .strictObject({
    /** 4 very satisfied … 1 very dissatisfied. */
    score: z.number().int().min(1).max(4),
    comment: Words(1000).optional(),
    /** Of the reporter; staff rate without it. */
    token: z.string().max(100).optional(),
  })
  .openapi('RatingInput');

export type Workflow = z.infer<typeof Workflow>;
export type IncidentHistory = z.infer<typeof IncidentHistory>;
export type HistoryEvent = z.infer<typeof HistoryEvent>;
export type IncidentTask = z.infer<typeof IncidentTask>;
export type IncidentMedia = z.infer<typeof IncidentMedia>;
export type MoveInput = z.infer<typeof MoveInput>;
