/** The live stream and the log behind it. */
import { z } from '@hono/zod-openapi';
import type { Alarm } from '../rules/contract.ts';
import type { Alert } from './alerts.ts';
import type { Incident } from './incidents.ts';

/** A page of the live log. */
export const ReplayEntries = z
  .object({
    /** The next page starts after it. */
    cursor: z.string(),
    /** There are no more entries up to the time asked for. */
    isAll: z.boolean(),
    events: z.array(z.custom<LiveEvent>()).openapi({
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'type', 'committedAt'],
        properties: { id: { type: 'integer' }, type: { type: 'string' }, committedAt: { type: 'integer' } },
      },
    }),
  })
  .openapi('ReplayEntries');

interface LogEntryBase {
  /** Position in the live log: strictly increasing, with holes. */
  id: number;
  /** ms since 1970: commit of the log row. Source and ingest stamps are in the incident. */
  committedAt: number;
}

/** `updated` says anything but that it was opened or closed; `reopened` follows a `closed`. */
export interface IncidentEvent extends LogEntryBase {
  type: 'incident.created' | 'incident.updated' | 'incident.closed' | 'incident.reopened';
  incident: z.infer<typeof Incident>;
}

/** `updated`: another warning took its place; `cancelled`: it was called off. */
export interface AlertEvent extends LogEntryBase {
  type: 'alert.raised' | 'alert.updated' | 'alert.cancelled';
  alert: Alert;
}

/** An alarm of a rule; only staff are told. `updated`: its condition was met again. */
export interface AlarmEvent extends LogEntryBase {
  type: 'alarm.raised' | 'alarm.updated' | 'alarm.acknowledged' | 'alarm.cleared';
  alarm: Alarm;
}

/** Sensors of a layer in a town that fell silent, or speak again. */
export interface Silence {
  layer: string;
  /** 12-digit code; empty for sensors in no town. */
  town: string;
  /** How many; the first of them are named. */
  count: number;
  /** `since`: the last reading before the silence. */
  sensors: { id: string; title: string; since: string }[];
}

export interface SilenceEvent extends LogEntryBase {
  type: 'silence.began' | 'silence.ended';
  silence: Silence;
}

/** There is something new in the inbox of the bell; its words are read from `/api/notifications`. */
export interface NotificationEvent extends LogEntryBase {
  type: 'notification.created';
  notification: { number: number; kind: string; severity: number | null };
}

/** One entry of the live log as it travels in a frame. */
export type LiveEvent = IncidentEvent | AlertEvent | SilenceEvent | AlarmEvent | NotificationEvent;

/** `data:` of an SSE message of `/api/live`. The message id is the cursor `epoch.id`. */
export interface LiveFrame {
  /** ms since 1970: when the server handed the frame to the sockets. */
  pushedAt: number;
  events: LiveEvent[];
}

export type ReplayEntries = z.infer<typeof ReplayEntries>;
