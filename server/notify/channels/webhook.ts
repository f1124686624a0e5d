import type { Channel } from '../channel.ts';
import { TARGETS } from '../contract.ts';
import { deliveryOf, post, type AllowedHosts } from '../outgoing.ts';
import { signBody } from '../signature.ts';

/** POST of a CloudEvent (structured JSON), signed with the secret of the subscription. 410 switches it off. */
export function createWebhook(hosts: AllowedHosts, source: string, timeoutMs?: number): Channel {
  return {
    id: 'webhook',
    async send({ message, target }) {
      const { url, secret = '' } = TARGETS.webhook.parse(target);
      const body = JSON.stringify({
        specversion: '1.0',
        id: message.id,
        source,
        type: `onemap.${message.kind}`,
        ...(message.incident === null ? {} : { subject: `incident/${message.incident}` }),
        time: message.at,
        datacontenttype: 'application/json',
        data: message,
      });
      const headers = {
        'Content-Type': 'application/cloudevents+json; charset=utf-8',
        'Idempotency-Key': message.id,
        'Onemap-Signature': signBody(body, secret, Date.now()),
      };
      return deliveryOf(await post(url, { headers, body }, hosts, timeoutMs));
    },
  };
}
