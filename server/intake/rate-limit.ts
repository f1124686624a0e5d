import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

export interface RateLimitOptions {
  /** Requests of one address within `windowMs`. */
  most: number;
  windowMs: number;
}

/** Addresses remembered at most: an attacker with many must not fill the memory. */
const MOST_ADDRESSES = 100_000;

/** How much one address may send, in the memory of this process: a bucket that fills again evenly. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Takes one request; answers 0, or after how many seconds the next may come. `now` is ms since 1970. */
  take(address: string, now: number): number {
    const { most, windowMs } = this.#options;
    const bucket = this.#buckets.get(address) ?? { left: most, at: now };
    const left = Math.min(most, bucket.left + ((now - bucket.at) * most) / windowMs);
    // Inserted anew, so that the first of the map is the one not heard of for longest.
    this.#buckets.delete(address);
    if (left < 1) {
      this.#buckets.set(address, { left, at: now });
      return Math.ceil(((1 - left) * windowMs) / most / 1000);
    }
    this.#buckets.set(address, { left: left - 1, at: now });
    if (this.#buckets.size > MOST_ADDRESSES) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return 0;
  }
}

const NEAR = /^(::1$|::ffff:)?(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|f[cd]|::1$)/i;

/**
 * Where a request comes from: the socket, or what the proxy beside us says. Of IPv6 the network of a household. What a
 * caller from elsewhere says of itself is not believed.
 */
export function addressOf(c: Context): string {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  const socket = incoming?.socket.remoteAddress ?? '';
  const forwarded = c.req.header('X-Forwarded-For')?.split(',').at(-1)?.trim();
  const address = (socket === '' || NEAR.test(socket)) && forwarded ? forwarded : socket;
  return /^[0-9a-f:]+$/i.test(address) && address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
}
