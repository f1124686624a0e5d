import type { Sql } from '../db/connect.ts';
import type { Channel } from './channel.ts';
import { createEmail } from './channels/email.ts';
import { createInapp } from './channels/inapp.ts';
import { createPush, type VapidKeys } from './channels/push.ts';
import { createDingtalk, createWecom } from './channels/robots.ts';
import { createSms } from './channels/sms.ts';
import { createWebhook } from './channels/webhook.ts';
import type { ChannelId } from './contract.ts';
import type { AllowedHosts } from './outgoing.ts';

/** What the operator set up of channels that leave the house; nothing leaves without it. */
export interface NotifySettings {
  hosts: AllowedHosts;
  smtp?: { url: string; from: string } | undefined;
  vapid?: VapidKeys | undefined;
  sms?: { url: string; token: string | undefined } | undefined;
}

export const NOTHING_LEAVES: NotifySettings = { hosts: [] };

/** Channels that can be used with these settings. */
export function channelsOf({ hosts, smtp, vapid, sms }: NotifySettings): ChannelId[] {
  const leaving: readonly ChannelId[] = hosts.length > 0 ? ['webhook', 'wecom', 'dingtalk'] : [];
  return [
    'inapp',
    ...(vapid && hosts.length > 0 ? (['push'] as const) : []),
    ...leaving,
    ...(smtp ? (['email'] as const) : []),
    ...(sms ? (['sms'] as const) : []),
  ];
}

export interface CreateChannelsOptions extends NotifySettings {
  publicUrl: string | undefined;
  /** ms that a receiver has to answer; default 10 000. */
  timeoutMs?: number;
}

/** The channels of these settings, ready to send. */
export function createChannels(sql: Sql, options: CreateChannelsOptions): Map<ChannelId, Channel> {
  const { hosts, smtp, vapid, sms, publicUrl = 'urn:onemap', timeoutMs } = options;
  const all: Channel[] = [
    createInapp(sql),
    createWebhook(hosts, publicUrl, timeoutMs),
    createWecom(hosts, timeoutMs),
    createDingtalk(hosts, timeoutMs),
    ...(vapid ? [createPush(vapid, hosts, timeoutMs)] : []),
    ...(smtp ? [createEmail(smtp.url, smtp.from, timeoutMs)] : []),
    // The gateway is the operator's own choice, as the mail server is.
    ...(sms ? [createSms(sms.url, sms.token, [new URL(sms.url).host], timeoutMs)] : []),
  ];
  const usable = new Set(channelsOf(options));
  return new Map(all.filter(({ id }) => usable.has(id)).map((channel) => [channel.id, channel]));
}
