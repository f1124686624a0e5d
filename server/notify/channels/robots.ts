import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { wordsOf, type Channel, type Delivery, type Envelope } from '../channel.ts';
import { TARGETS } from '../contract.ts';
import { deliveryOf, post, type AllowedHosts, type OutgoingAnswer } from '../outgoing.ts';

/** Robots answer 200 whatever happened; `errcode` says what did. */
const Answer = z.object({ errcode: z.number(), errmsg: z.string().optional() });

/** Codes that mean "too fast": they pass. */
const LATER = new Set([45009, 130101, 410100, -1]);

function robotDelivery(answer: OutgoingAnswer | (Delivery & { ok: false })): Delivery {
  const delivery = deliveryOf(answer);
  if (!delivery.ok || 'ok' in answer) return delivery;
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer.text);
  } catch {
    return { ok: false, retry: true, error: 'the answer is no JSON' };
  }
  const result = Answer.safeParse(parsed);
  if (!result.success) return { ok: false, retry: true, error: 'the answer has no errcode' };
  const { errcode, errmsg = '' } = result.data;
  if (errcode === 0) return { ok: true };
  return { ok: false, retry: LATER.has(errcode), error: `errcode ${errcode} ${errmsg.slice(0, 100)}`.trim() };
}

const HEADERS = { 'Content-Type': 'application/json; charset=utf-8' };

function textOf(envelope: Envelope): string {
  const { title, text } = wordsOf(envelope);
  return [title, text, envelope.message.link].filter((line) => line !== '').join('\n');
}

/** Robot of a group in WeChat Work (企业微信群机器人). The key is in the address. */
export function createWecom(hosts: AllowedHosts, timeoutMs?: number): Channel {
  return {
    id: 'wecom',
    async send(envelope) {
      const { url } = TARGETS.wecom.parse(envelope.target);
      const body = JSON.stringify({ msgtype: 'text', text: { content: textOf(envelope) } });
      return robotDelivery(await post(url, { headers: HEADERS, body }, hosts, timeoutMs));
    },
  };
}

/** The address of a DingTalk robot with 加签: milliseconds, and the HMAC of `<ms>\n<secret>` in base64. */
export function signedDingtalkUrl(address: string, secret: string, at: number): string {
  const url = new URL(address);
  url.searchParams.set('timestamp', String(at));
  url.searchParams.set('sign', createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64'));
  return url.href;
}

/** Robot of a group in DingTalk (钉钉群机器人). */
export function createDingtalk(hosts: AllowedHosts, timeoutMs?: number): Channel {
  return {
    id: 'dingtalk',
    async send(envelope) {
      const { url, secret } = TARGETS.dingtalk.parse(envelope.target);
      const address = secret === undefined ? url : signedDingtalkUrl(url, secret, Date.now());
      const body = JSON.stringify({ msgtype: 'text', text: { content: textOf(envelope) } });
      return robotDelivery(await post(address, { headers: HEADERS, body }, hosts, timeoutMs));
    },
  };
}
