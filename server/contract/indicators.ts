/** Figures of incidents. */
import { z } from '@hono/zod-openapi';
import { Span, Text } from './basics.ts';
import { Incident } from './incidents.ts';

/** Counts of the last 24 hours by town, community, category or hour. */
export const IncidentStats = z
  .object({
    by: z.enum(['town', 'community', 'category', 'hour']),
    from: z.string(),
    to: z.string(),
    groups: z.array(
      z.object({
        /** Code of the town, community or category; start of the hour, ISO 8601. */
        key: z.string(),
        /** Title of a category; null for the other dimensions. */
        title: Text.nullable(),
        /** Received in that time. */
        created: z.number().int(),
        /** Open now, whenever received. */
        open: z.number().int(),
        /** Open now and past the time limit. */
        overdue: z.number().int(),
        /** Closed in that time. */
        closed: z.number().int(),
      }),
    ),
  })
  .openapi('IncidentStats');

/** Indicators of city management: every one of them for every group. */
export const Indicators = z
  .object({
    by: z.string(),
    /** From the first moment to before the second. */
    period: Span,
    /** 环比: the period just before. */
    previous: Span,
    /** 同比: the same days of the year before. */
    lastYear: Span,
    indicators: z.array(
      z.object({
        id: z.string(),
        title: Text,
        /** `share`: 0 to 1; `minutes`: working minutes; `score`: 0 to 100. */
        unit: z.enum(['count', 'share', 'minutes', 'score']),
        /** Whether more of it is better, worse, or neither. */
        better: z.enum(['more', 'less']).nullable(),
        /** Of a score: the indicators it is made of; `rest`: what is missing of one to 1. */
        parts: z.array(z.object({ id: z.string(), weight: z.number(), rest: z.boolean() })).nullable(),
      }),
    ),
    groups: z.array(
      z.object({
        /** Code or name; null: what belongs to no group. */
        key: z.string().nullable(),
        /** Of categories and departments. */
        title: Text.nullable(),
        values: z.record(
          z.string(),
          z.object({
            /** Null where there is nothing to divide by. */
            value: z.number().nullable(),
            /** What was divided by what; null for counts, means and scores. */
            of: z.array(z.number()).length(2).nullable(),
            previous: z.number().nullable(),
            lastYear: z.number().nullable(),
          }),
        ),
      }),
    ),
  })
  .openapi('Indicators');

/** One indicator over time, for every group. */
export const IndicatorTrend = z
  .object({
    indicator: z.string(),
    by: z.string(),
    step: z.enum(['day', 'week', 'month']),
    /** From the first moment to before the second, one after the other. */
    steps: z.array(Span),
    groups: z.array(
      z.object({
        key: z.string().nullable(),
        title: Text.nullable(),
        /** By step; null where there is nothing to divide by. */
        values: z.array(z.number().nullable()),
      }),
    ),
  })
  .openapi('IndicatorTrend');

/** The incidents that a figure was counted from. */
export const IndicatorCases = z
  .object({
    indicator: z.string(),
    side: z.enum(['all', 'part', 'rest']),
    /** Acts on each side that can be listed: what was divided, by what, and what is missing to it. */
    counts: z.object({
      all: z.number().int().optional(),
      part: z.number().int().optional(),
      rest: z.number().int().optional(),
    }),
    cases: z.array(
      z.object({
        incident: Incident,
        /** When what is counted happened, or was owed. */
        at: z.string(),
        inTime: z.boolean().nullable(),
        /** Working minutes that it took. */
        minutes: z.number().nullable(),
      }),
    ),
    /** `cursor` of the next page. */
    next: z.string().nullable(),
  })
  .openapi('IndicatorCases');

export type IncidentStats = z.infer<typeof IncidentStats>;

export type Indicators = z.infer<typeof Indicators>;

export type IndicatorTrend = z.infer<typeof IndicatorTrend>;

export type IndicatorCases = z.infer<typeof IndicatorCases>;
