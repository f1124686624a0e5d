import { wordsOf, type Channel } from '../channel.ts';
import { TARGETS } from '../contract.ts';
import { deliveryOf, post, type AllowedHosts } from '../outgoing.ts';

/** Characters of one message: longer ones are cut, and paid for several times. */
const LONGEST = 70;

/** A gateway that takes `{id, to, text}`: what a city's own gateway wants besides belongs into a small proxy in front of it. */
export function createSms(url: string, token: string | undefined, hosts: AllowedHosts, timeoutMs?: number): Channel {
  return {
    id: 'sms',
    async send(envelope) {
      const { to } = TARGETS.sms.parse(envelope.target);
      const text = Array.from(wordsOf(envelope).title);
      const body = JSON.stringify({
        id: envelope.message.id,
        to,
        text: text.length > LONGEST ? `${text.slice(0, LONGEST - 1).join('')}…` : text.join(''),
      });
      const headers = {
        'Content-Type': 'application/json; charset=utf-8',
        'Idempotency-Key': envelope.message.id,
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      };
      return deliveryOf(await post(url, { headers, body }, hosts, timeoutMs));
    },
  };
}
