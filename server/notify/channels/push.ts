// CommonJS, and Node does not see its names.
import webPush from 'web-push';
import { wordsOf, type Channel } from '../channel.ts';
import { TARGETS } from '../contract.ts';
import { deliveryOf, post, type AllowedHosts } from '../outgoing.ts';

export interface VapidKeys {
  publicKey: string;
  privateKey: string;
  /** `https:` or `mailto:` of whoever runs this service: push services write there when something is wrong. */
  subject: string;
}

/** How long a push service keeps a message for a browser that is away, s. */
const KEEP_SECONDS = 3600;

/** Web push: encrypted for one browser, handed to the push service of its maker, which must be reachable. */
export function createPush(
  { subject, publicKey, privateKey }: VapidKeys,
  hosts: AllowedHosts,
  timeoutMs?: number,
): Channel {
  return {
    id: 'push',
    async send(envelope) {
      const subscription = TARGETS.push.parse(envelope.target);
      const { id, link, severity } = envelope.message;
      // oxlint-disable-next-line import/no-named-as-default-member -- named import fails in Node, see above
      const request = webPush.generateRequestDetails(
        subscription,
        JSON.stringify({ id, link, severity, ...wordsOf(envelope) }),
        {
          vapidDetails: { subject, publicKey, privateKey },
          TTL: KEEP_SECONDS,
          urgency: severity === 1 ? 'high' : 'normal',
        },
      );
      const headers = Object.fromEntries(
        Object.entries(request.headers)
          .filter(([name]) => name.toLowerCase() !== 'content-length')
          .map(([name, value]) => [name, String(value)]),
      );
      const answer = await post(subscription.endpoint, { headers, body: request.body }, hosts, timeoutMs);
      const delivery = deliveryOf(answer);
      // A browser that has unsubscribed is 404 with some services, 410 with others.
      return !delivery.ok && 'status' in answer && answer.status === 404 ? { ...delivery, gone: true } : delivery;
    },
  };
}
