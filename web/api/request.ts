/** How the API is called: one way to ask, to send, and to tell what failed. */
import { useQuery } from '@tanstack/react-query';
import type { ErrorBody } from '../../server/app.ts';

/** An answer that is not 2xx, or no answer (`status` 0). `message` is the server's own sentence. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** The parameter or part of it that is at fault, where the server names one. */
  readonly field: string | null;

  constructor(status: number, code: string, message: string, requestId: string | null, field: string | null = null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.field = field;
  }
}

/** What an answer says that is no success. */
export async function failureOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as ErrorBody | null;
  const { code = 'HTTP', message = response.statusText, requestId = null, field = null } = body?.error ?? {};
  return new ApiError(response.status, code, message, requestId, field);
}

/** A request on a dead socket would hang for ever, and with it a place among the few that a browser opens to a host. */
const TIMEOUT_MS = 20_000;

/** GET as JSON. Throws `ApiError`; gives up after 20 s. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { accept: 'application/json' },
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, 'UNREACHABLE', cause instanceof Error ? cause.message : String(cause), null);
  }
  if (response.ok) return (await response.json()) as T;
  throw await failureOf(response);
}

/** Analyses take longer than what a map asks for. */
export const ANALYSIS_TIMEOUT_MS = 60_000;

/** POST of JSON for an answer that changes nothing. Throws `ApiError`. */
export async function postJson<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(ANALYSIS_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, 'UNREACHABLE', cause instanceof Error ? cause.message : String(cause), null);
  }
  if (response.ok) return (await response.json()) as T;
  throw await failureOf(response);
}

/** The answer of an analysis; nothing is asked while `body` is null. */
export function useAnalysis<T>(name: string, body: object | null) {
  return useQuery({
    queryKey: ['analysis', name, body],
    queryFn: ({ signal }) => postJson<T>(`/api/analysis/${name}`, body ?? {}, signal),
    enabled: body !== null,
    staleTime: 60_000,
    // What is too large or wrong stays so.
    retry: (count, error) => count < 1 && (!(error instanceof ApiError) || error.status >= 500),
  });
}

/** `/path?a=1`, leaving out parameters that are null. */
export function withQuery(path: string, parameters: Record<string, string | number | null>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) if (value !== null) query.set(key, String(value));
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export const filterText = (filter: object | null) => (filter === null ? null : JSON.stringify(filter));

/** Sends what changes something. Throws `ApiError`. */
export async function send<T>(method: string, path: string, body?: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new ApiError(0, 'UNREACHABLE', cause instanceof Error ? cause.message : String(cause), null);
  }
  if (!response.ok) throw await failureOf(response);
  // What is done, or on its way, may have nothing to say.
  const text = await response.text();
  return (text === '' ? null : JSON.parse(text)) as T;
}
