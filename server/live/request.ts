import { acceptsGzip } from '../accepts-gzip.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { Role } from '../../layers/access.ts';
import { ApiError, errorBody, toApiError } from '../errors.ts';
import type { Topic } from './client.ts';
import { parseCursor, type Cursor } from './cursor.ts';

/** An accepted request for an event stream, its response headers sent. */
export interface StreamRequest {
  socket: Socket;
  topic: Topic;
  gzip: boolean;
  /** Where the reader stands; undefined: at the present; `invalid`: somewhere that does not exist. */
  cursor: Cursor | 'invalid' | undefined;
}

/**
 * Checks a request for an event stream and sends the response headers; from there on HTTP chunks are written straight
 * to the socket. A bad request is answered with an error body, and undefined is returned.
 */
export function acceptStream(
  request: IncomingMessage,
  response: ServerResponse,
  authorize: (request: IncomingMessage) => Role,
): StreamRequest | undefined {
  try {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const topic = { role: authorize(request), town: townOf(query) };
    const socket = response.socket;
    if (!socket || request.httpVersion !== '1.1') {
      throw new ApiError('PARAMETER_INVALID', 'The live stream needs HTTP/1.1 (nginx: proxy_http_version 1.1).');
    }
    // The header wins: on a reconnect the browser repeats the URL of the first request, with its old cursor.
    const given = header(request, 'last-event-id') ?? query.get('since') ?? '';
    const gzip = acceptsGzip(header(request, 'accept-encoding')) && !query.has('plain');
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
      Vary: 'Accept-Encoding, Authorization',
      ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
    });
    response.flushHeaders();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 15_000);
    socket.setTimeout(0);
    return { socket, topic, gzip, cursor: given === '' ? undefined : (parseCursor(given) ?? 'invalid') };
  } catch (cause) {
    const error = toApiError(cause);
    const body = JSON.stringify(errorBody(error, randomUUID()));
    response.writeHead(error.status, { 'Content-Type': 'application/json' }).end(body);
    return undefined;
  }
}

function townOf(query: URLSearchParams): string | undefined {
  const town = query.get('town') ?? undefined;
  if (town !== undefined && !/^\d{12}$/.test(town)) {
    throw new ApiError('PARAMETER_INVALID', `town must be a 12-digit code, not ${JSON.stringify(town)}`, {
      field: 'town',
      value: town,
    });
  }
  return town;
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
