/** Who is suggested for an incident, and who was asked. */
import { z } from '@hono/zod-openapi';
import { Text } from '../contract/basics.ts';
import { PARTS } from './score.ts';

/** How long an answer is waited for, s. */
export const ANSWER_WITHIN = 60;

const Score = z.object({
  /** 0 to 100; `docs/dispatch.md` says how it is reckoned. */
  score: z.number(),
  parts: z.array(z.object({ part: z.enum(PARTS), points: z.number(), most: z.number() })),
});

const StaffReasons = Score.extend({
  kind: z.literal('staff'),
  /** By road; null where no road is known: `metres` as the crow flies count then. */
  seconds: z.number().nullable(),
  metres: z.number(),
  onShift: z.boolean(),
  post: z.string().nullable(),
  sameGrid: z.boolean(),
  /** Trained for incidents of this kind. */
  skilled: z.boolean(),
  /** Open tasks. */
  load: z.number().int(),
});

const DepartmentReasons = Score.extend({
  kind: z.literal('department'),
  /** In charge by a rule of the area, as owner of the component, or by the category; or helping. */
  duty: z.enum(['area', 'owner', 'lead', 'help']),
  /** Open incidents. */
  load: z.number().int(),
  /** The component that is broken: its owner as the layer names them, and how far it stands. */
  owner: z.object({ name: z.string(), metres: z.number() }).nullable(),
});

export const Reasons = z.discriminatedUnion('kind', [StaffReasons, DepartmentReasons]);
export type Reasons = z.infer<typeof Reasons>;

export const Candidate = z.object({
  kind: z.enum(['staff', 'department']),
  /** Stands for one of the grid staff and tells nothing; id of a department. */
  id: z.string(),
  /** Names of people are masked. */
  title: Text,
  rank: z.number().int(),
  reasons: Reasons,
  /** What they said to an earlier request for this incident. */
  answered: z.enum(['declined', 'silent']).nullable(),
  at: z.tuple([z.number(), z.number()]).nullable(),
});
export type Candidate = z.infer<typeof Candidate>;

export const Dispatch = z
  .object({
    id: z.number().int(),
    incident: z.number().int(),
    kind: z.enum(['staff', 'department', 'community', 'town']),
    candidate: z.string(),
    title: Text,
    rank: z.number().int().nullable(),
    /** As they were; null of communities and towns, who are asked because nobody answered. */
    reasons: Reasons.nullable(),
    overrideReason: z.string().nullable(),
    actor: z.string(),
    state: z.enum(['asked', 'acknowledged', 'declined', 'escalated', 'withdrawn']),
    askedAt: z.string(),
    /** Until when an answer is waited for. */
    dueAt: z.string(),
    /** When the state was reached. */
    settledAt: z.string().nullable(),
    declineReason: z.string().nullable(),
    /** The request that this one follows up. */
    follows: z.number().int().nullable(),
    /** Who is asked next. */
    next: z.array(z.object({ kind: z.string(), title: Text })),
  })
  .openapi('Dispatch');
export type Dispatch = z.infer<typeof Dispatch>;

export const Suggestions = z
  .object({
    incident: z.number().int(),
    category: z.string(),
    /** Whose roads the times are by; null while they are not known. */
    roads: z.object({ layer: z.string(), load: z.number().int() }).nullable(),
    /** Seconds an answer is waited for. */
    answerWithin: z.number().int(),
    candidates: z.array(Candidate),
  })
  .openapi('Suggestions');
export type Suggestions = z.infer<typeof Suggestions>;

const Reason = z.string().trim().min(2).max(500);

export const DispatchInput = z
  .strictObject({
    kind: z.enum(['staff', 'department']),
    id: z.string().min(1).max(64),
    override: Reason.optional().openapi({ description: 'Why somebody else than the first suggestion' }),
  })
  .openapi('DispatchInput');
export type DispatchInput = z.infer<typeof DispatchInput>;

export const DeclineInput = z.strictObject({ reason: Reason }).openapi('DeclineInput');

export const DispatchList = z.object({ dispatches: z.array(Dispatch) }).openapi('DispatchList');
export type DispatchList = z.infer<typeof DispatchList>;
