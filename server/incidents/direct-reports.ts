import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Role } from '../../layers/access.ts';
import { readJson } from '../intake/read-text.ts';
import { requestIdOf } from '../request-id.ts';
import { SECURE_HEADERS } from '../secure-headers.ts';
import type { Intake, IntakeResult } from './intake.ts';
import { receiptOf } from './receipt-of.ts';
import { addressToFind } from './validate.ts';

export interface DirectReportsOptions {
  intake: Intake;
  /** Who asks. May throw: then the request goes the long way, which says what is wrong. */
  roleOf(request: IncomingMessage): Role;
}

/** Bytes of a report that is taken directly: far more than a report without an address has. */
const LARGEST = 65_536;
const JSON_TYPE = /^application\/json\s*(;|$)/i;
/** Headers that change what a request means. */
const UNUSUAL = ['transfer-encoding', 'content-encoding', 'x-http-method-override'] as const;
const HEADERS = [...SECURE_HEADERS, ['Cache-Control', 'no-store'], ['Content-Type', 'application/json']].flat();

/** A request whose body has been read: the framework takes it from here. */
type ReadRequest = IncomingMessage & { rawBody?: Buffer };

/**
 * Answers `POST /api/incidents` without the framework, which costs several times what checking and storing a report
 * does. Only what can be stored is answered here: everything else goes the long way with all that is known of it, so that
 * there is one place where failures are worded, logged and kept.
 */
export class DirectReports {
  readonly #options: DirectReportsOptions;
  readonly #taken = new WeakMap<object, Promise<IntakeResult[]>>();

  constructor(options: DirectReportsOptions) {
    this.#options = options;
  }

  /** What became of the report of a request that was submitted here before it went the long way. */
  takenOf(request: object | undefined): Promise<IntakeResult[]> | undefined {
    return request && this.#taken.get(request);
  }

  /** @returns false when the request has to go the long way; else it is answered, by `longWay` where nothing is stored */
  answer(request: IncomingMessage, response: ServerResponse, longWay: RequestListener): boolean {
    if (request.url !== '/api/incidents' || request.method !== 'POST' || !isPlain(request.headers)) return false;
    try {
      if (this.#options.roleOf(request) !== 'staff') return false;
    } catch {
      return false;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Who leaves before has reported nothing, and nobody is there to be told.
    request.on('end', () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      this.#take(request, response, body, () => {
        (request as ReadRequest).rawBody = body;
        longWay(request, response);
      });
    });
    return true;
  }

  #take(request: IncomingMessage, response: ServerResponse, body: Buffer, goLongWay: () => void): void {
    let report: unknown;
    try {
      report = readJson(body);
    } catch {
      goLongWay();
      return;
    }
    // To look for an address can take any time, which is limited there.
    if (addressToFind(report) !== undefined) {
      goLongWay();
      return;
    }
    const taken = this.#options.intake.submit([report]);
    const goOn = (): void => {
      this.#taken.set(request, taken);
      goLongWay();
    };
    taken.then(([result]) => {
      if (result === undefined || result.rejection) goOn();
      else send(request, response, result.stored.isNew ? 201 : 200, JSON.stringify(receiptOf(result)));
    }, goOn);
  }
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const length = Number(headers['content-length']);
  return (
    length > 0 &&
    length <= LARGEST &&
    JSON_TYPE.test(headers['content-type'] ?? '') &&
    headers.host !== undefined &&
    UNUSUAL.every((name) => headers[name] === undefined)
  );
}

function send(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  const id = requestIdOf(request.headers['x-request-id'] as string | undefined);
  // One text, so that head and body leave together.
  response.writeHead(status, [...HEADERS, 'Content-Length', String(Buffer.byteLength(text)), 'X-Request-Id', id]);
  response.end(text);
}
