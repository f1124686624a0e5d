/** Raw messages as they came in, and feeds that are asked for news. */
import { z } from '@hono/zod-openapi';
import { Words } from './alerts.ts';

/** Messages as they came in, newest first; their texts are read one by one, with a purpose. */
export const MessageList = z
  .object({
    messages: z.array(
      z.object({
        id: z.number().int(),
        receivedAt: z.string(),
        channel: z.string(),
        sender: z.string().nullable(),
        contentType: z.string().nullable(),
        size: z.number().int(),
        sha256: z.string(),
        outcome: z.enum(['stored', 'known', 'refused']),
        incident: z.number().int().nullable(),
        alert: z.number().int().nullable(),
        rejection: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }).nullable(),
      }),
    ),
    next: z.string().nullable(),
  })
  .openapi('MessageList');

/** Where an incident's fields stand in an item of a feed: `a.b` names a member, `=text` says the text itself. */
export const FeedMap = z.strictObject({
  /** Where the items are in a JSON answer; left out: the answer itself, or `features` of GeoJSON. */
  items: z.string().max(200).optional(),
  id: z.string().min(1).max(200),
  category: z.string().min(1).max(200),
  title: z.string().min(1).max(200),
  occurredAt: z.string().min(1).max(200),
  lon: z.string().min(1).max(200).optional(),
  lat: z.string().min(1).max(200).optional(),
  address: z.string().min(1).max(200).optional(),
  severity: z.string().min(1).max(200).optional(),
  description: z.string().min(1).max(200).optional(),
  /** How far the source is with it, in its own words. */
  state: z.string().min(1).max(200).optional(),
  crs: z.enum(['EPSG:4326', 'EPSG:4490', 'GCJ-02', 'BD-09']).optional(),
  standard: z.enum(['2026', '2013']).optional(),
});

export type FeedMap = z.infer<typeof FeedMap>;

export const FeedInput = z
  .strictObject({
    title: Words(100),
    url: z.url({ protocol: /^https?$/ }).max(1000),
    format: z.enum(['json', 'geojson', 'csv']),
    map: FeedMap,
    everySeconds: z.number().int().min(10).max(86_400),
    silentSeconds: z.number().int().min(10).max(864_000),
    isOn: z.boolean().default(true),
    /** Words of `state` by which an item is over in the source. */
    closed: z.array(z.string().trim().min(1).max(100)).max(20).default([]),
    /** What becomes of the incident then: its history says so, or it is closed here as well. */
    onClosed: z.enum(['note', 'close']).default('note'),
  })
  .openapi('FeedInput');

export type FeedInput = z.infer<typeof FeedInput>;

// Not `extend`: the input takes no other properties, and the contract would say that of this one, too.
export const Feed = z
  .object({
    ...FeedInput.shape,
    id: z.string(),
    triedAt: z.string().nullable(),
    succeededAt: z.string().nullable(),
    /** When it last said something new. */
    changedAt: z.string().nullable(),
    failures: z.number().int(),
    error: z.string().nullable(),
    isSilent: z.boolean(),
  })
  .openapi('Feed');

export type Feed = z.infer<typeof Feed>;

export const FeedList = z.object({ feeds: z.array(Feed) }).openapi('FeedList');
