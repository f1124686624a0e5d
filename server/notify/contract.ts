import { z } from '@hono/zod-openapi';
import { posts } from '../auth/posts.ts';
import { Text } from '../contract/basics.ts';

export const CHANNELS = ['inapp', 'push', 'webhook', 'email', 'sms', 'wecom', 'dingtalk'] as const;
export type ChannelId = (typeof CHANNELS)[number];

export const KINDS = ['incident', 'closed', 'overdue', 'alarm'] as const;

/** What somebody wants to be told of. A list that is left out means: whichever. */
export const Wants = z
  .strictObject({
    /** `incident`: a new one, or one that has become what is wanted; `overdue`: its stage has passed its limit. */
    kinds: z.array(z.enum(KINDS)).min(1),
    severities: z.array(z.number().int().min(0).max(4)).min(1).optional(),
    towns: z
      .array(z.string().regex(/^\d{12}$/))
      .min(1)
      .max(50)
      .optional(),
    /** Categories by how their code begins: `Z09` is every emergency. */
    categories: z
      .array(z.string().regex(/^[Z\d]\d{0,4}$/))
      .min(1)
      .max(300)
      .optional(),
    stages: z.array(z.string().max(32)).min(1).max(30).optional(),
  })
  .openapi('NotificationWants');

/** What is told, as it travels in every channel. */
export const Notification = z
  .object({
    /** The same message has the same id, however often it is sent. */
    id: z.string(),
    kind: z.enum([...KINDS, 'test']),
    title: Text,
    text: Text,
    /** Where the dashboard shows it. */
    link: z.string(),
    severity: z.number().int().nullable(),
    at: z.string(),
    incident: z.number().int().nullable(),
  })
  .openapi('Notification');

const url = z.string().url().max(2000);
const pushTarget = z.strictObject({
  endpoint: url,
  keys: z.strictObject({ p256dh: z.string().max(200), auth: z.string().max(100) }),
});
/** Where each channel sends to. */
export const TARGETS = {
  inapp: z.strictObject({
    posts: z
      .array(z.enum(Object.keys(posts) as [keyof typeof posts]))
      .min(1)
      .optional(),
  }),
  push: pushTarget,
  /** `secret` is made by the service when it is left out, and told once. */
  webhook: z.strictObject({ url, secret: z.string().min(16).max(200).optional() }),
  email: z.strictObject({ to: z.email().max(200) }),
  sms: z.strictObject({ to: z.string().regex(/^\+?\d{6,15}$/) }),
  wecom: z.strictObject({ url }),
  dingtalk: z.strictObject({ url, secret: z.string().min(1).max(200).optional() }),
} as const satisfies Record<ChannelId, z.ZodType>;

export const SubscriptionInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    channel: z.enum(CHANNELS),
    target: z.record(z.string(), z.unknown()).openapi({
      description:
        'inapp {posts?}, push {endpoint, keys}, webhook {url, secret?}, email {to}, sms {to}, wecom {url}, dingtalk {url, secret?}',
    }),
    wants: Wants,
    /** What its receiver may see; `public`: no restricted incidents at all. */
    role: z.enum(['public', 'staff']).default('staff'),
    /** Restricted incidents and personal data leave in full; otherwise their kind and a link. */
    fullText: z.boolean().default(false),
    language: z.enum(['zh', 'en', 'both']).default('zh'),
  })
  .openapi('SubscriptionInput');

export const Subscription = z
  .object({
    id: z.number().int(),
    name: z.string(),
    channel: z.enum(CHANNELS),
    /** Shortened: addresses hold keys. */
    target: z.string(),
    wants: Wants,
    role: z.enum(['public', 'staff']),
    fullText: z.boolean(),
    language: z.enum(['zh', 'en', 'both']),
    active: z.boolean(),
    disabledReason: z.string().nullable(),
    createdAt: z.string(),
    createdBy: z.string(),
    pending: z.number().int(),
    delivered: z.number().int(),
    dead: z.number().int(),
  })
  .openapi('Subscription');

export const SubscriptionList = z
  .object({
    subscriptions: z.array(Subscription),
    /** Channels that this service can use. */
    channels: z.array(z.enum(CHANNELS)),
    /** Key that browsers subscribe with, where web push is set up. */
    pushKey: z.string().nullable(),
  })
  .openapi('SubscriptionList');

export const NewSubscription = z
  .object({ subscription: Subscription, secret: z.string().nullable() })
  .openapi('NewSubscription');

export const Inbox = z
  .object({
    messages: z.array(Notification.extend({ number: z.number().int() })),
    next: z.number().int().nullable(),
  })
  .openapi('Inbox');

export const DeadLetters = z
  .object({
    letters: z.array(
      z.object({
        id: z.string(),
        subscription: z.number().int(),
        subscriptionName: z.string(),
        channel: z.enum(CHANNELS),
        title: Text,
        attempts: z.number().int(),
        error: z.string().nullable(),
        createdAt: z.string(),
        endedAt: z.string().nullable(),
      }),
    ),
    total: z.number().int(),
  })
  .openapi('DeadLetters');

export type Wants = z.infer<typeof Wants>;
export type Notification = z.infer<typeof Notification>;
export type SubscriptionInput = z.input<typeof SubscriptionInput>;
export type Subscription = z.infer<typeof Subscription>;
export type SubscriptionList = z.infer<typeof SubscriptionList>;
export type NewSubscription = z.infer<typeof NewSubscription>;
export type Inbox = z.infer<typeof Inbox>;
export type InboxMessage = Inbox['messages'][number];
export type DeadLetters = z.infer<typeof DeadLetters>;
export type Target<C extends ChannelId> = z.infer<(typeof TARGETS)[C]>;
