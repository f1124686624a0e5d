import type { Delivery } from './channel.ts';

/** Where messages may go, as the operator says: `host`, `host:port`, `*.example.org`. */
export type AllowedHosts = readonly string[];

const TIMEOUT_MS = 10_000;
const LARGEST_ANSWER = 64 * 1024;

/**
 * Whether a message may be sent to this address: http or https, no user in it, a host that the operator named. An entry
 * without a port means the usual one. Names are compared, not addresses: whom a name leads to is the operator's trust.
 */
export function isAllowed(address: string, hosts: AllowedHosts): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, port, username, password } = new URL(address);
  if (!['http:', 'https:'].includes(protocol) || username !== '' || password !== '') return false;
  return hosts.some((entry) => {
    const [, name = '', wantedPort = ''] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? [];
    if (wantedPort !== port) return false;
    return name.startsWith('*.') ? hostname.endsWith(name.slice(1)) : hostname === name;
  });
}

export interface OutgoingAnswer {
  status: number;
  /** The beginning of it. */
  text: string;
  retryAfterMs: number | undefined;
}

/** POSTs to an allowed address. Redirects are not followed: they could lead anywhere. */
export async function post(
  address: string,
  init: { headers: Record<string, string>; body: string | Uint8Array },
  hosts: AllowedHosts,
  timeoutMs = TIMEOUT_MS,
): Promise<OutgoingAnswer | (Delivery & { ok: false })> {
  if (!isAllowed(address, hosts)) {
    return { ok: false, retry: false, error: 'the address is not among NOTIFY_HOSTS' };
  }
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: init.headers,
      body: init.body as BodyInit,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const after = Number(response.headers.get('Retry-After') ?? Number.NaN);
    return {
      status: response.status,
      text: await readBeginning(response),
      retryAfterMs: Number.isFinite(after) && after >= 0 ? Math.min(after, 3600) * 1000 : undefined,
    };
  } catch (cause) {
    return { ok: false, retry: true, error: describe(cause) };
  }
}

async function readBeginning(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    parts.push(part as Uint8Array);
    size += (part as Uint8Array).length;
    if (size >= LARGEST_ANSWER) break;
  }
  return Buffer.concat(parts).toString('utf8').slice(0, LARGEST_ANSWER);
}

/** What went wrong, without the address: `fetch failed` says nothing, its cause does. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return 'failed';
  if (cause.name === 'TimeoutError') return 'no answer in time';
  const inner = cause.cause as { code?: unknown } | undefined;
  return typeof inner?.code === 'string' ? inner.code : cause.name;
}

/** What the status of an answer means for the message. */
export function deliveryOf(answer: OutgoingAnswer | (Delivery & { ok: false })): Delivery {
  if ('ok' in answer) return answer;
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { ok: true };
  const retry = status >= 500 || [408, 425, 429].includes(status);
  return {
    ok: false,
    error: `HTTP ${status}`,
    retry,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(status === 410 ? { gone: true } : {}),
  };
}
