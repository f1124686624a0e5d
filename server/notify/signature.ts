import { createHmac, timingSafeEqual } from 'node:crypto';

/** How old a signed message may be, s: older ones are replays. */
const TOLERANCE_SECONDS = 300;

/** Header of a webhook: `t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. */
export function signBody(body: string, secret: string, at: number): string {
  const seconds = Math.floor(at / 1000);
  return `t=${seconds},v1=${digest(body, secret, seconds).toString('hex')}`;
}

/** What a receiver does: true when the body is ours, as it was sent, and fresh. `now` in ms since 1970. */
export function verifySignature(header: string, body: string, secret: string, now: number): boolean {
  const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (seconds === undefined || hex === undefined) return false;
  if (Math.abs(now / 1000 - Number(seconds)) > TOLERANCE_SECONDS) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), digest(body, secret, Number(seconds)));
}

function digest(body: string, secret: string, seconds: number): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
}
