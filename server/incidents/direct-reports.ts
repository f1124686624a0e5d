import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import type { Role } from '../../layers/access.ts';
import { acceptsGzip } from '../accepts-gzip.ts';
import { MOST_IN_BATCH } from '../contract/incidents.ts';
import { LARGEST_BODY } from '../largest-body.ts';
import { readJson } from '../intake/read-text.ts';
import { requestIdOf } from '../request-id.ts';
import { SECURE_HEADERS } from '../secure-headers.ts';
import type { Intake, IntakeResult } from './intake.ts';
import { batchReceiptOf, receiptOf } from './receipt-of.ts';
import { addressToFind } from './validate.ts';

export interface DirectReportsOptions {
  intake: Intake;
  /** Who asks. May throw: then the request goes the long way, which says what is wrong. */
  roleOf(request: IncomingMessage): Role;
}

/**
 * Bytes of what is taken directly, by path: far more than a report without an address has; as many as a body may have at all.
 */
const LARGEST = new Map([
  ['/api/incidents', 65_536],
  ['/api/incidents/batch', LARGEST_BODY],
]);
/** Bytes from which an answer is worth compressing. */
const COMPRESSED_FROM = 1024;
const JSON_TYPE = /^application\/json\s*(;|$)/i;
/** Headers that change what a request means. */
const UNUSUAL = ['transfer-encoding', 'content-encoding', 'x-http-method-override'] as const;
const HEADERS = [...SECURE_HEADERS, ['Cache-Control', 'no-store'], ['Content-Type', 'application/json']].flat();

/** A request whose body has been read: the framework takes it from here. */
type ReadRequest = IncomingMessage & { rawBody?: Buffer };

/** A request that is being taken. */
interface Taking {
  request: IncomingMessage;
  response: ServerResponse;
  goLongWay(): void;
}

/**
 * Answers `POST /api/incidents` and `POST /api/incidents/batch` without the framework, which costs several times what checking and storing a report
 * does. Only what can be stored is answered here: everything else goes the long way with all that is known of it, so that
 * there is one place where failures are worded, logged and kept.
 */
export class DirectReports {
  readonly #options: DirectReportsOptions;
  readonly #taken = new WeakMap<object, Promise<IntakeResult[]>>();

  constructor(options: DirectReportsOptions) {
    this.#options = options;
  }

  /** What became of the reports of a request that was submitted here before it went the long way. */
  takenOf(request: object | undefined): Promise<IntakeResult[]> | undefined {
    return request && this.#taken.get(request);
  }

  /** @returns false when the request has to go the long way; else it is answered, by `longWay` where nothing is stored */
  answer(request: IncomingMessage, response: ServerResponse, longWay: RequestListener): boolean {
    const largest = LARGEST.get(request.url ?? '');
    if (largest === undefined || request.method !== 'POST' || !isPlain(request.headers, largest)) return false;
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
      const goLongWay = (): void => {
        (request as ReadRequest).rawBody = body;
        longWay(request, response);
      };
      let message: unknown;
      try {
        message = readJson(body);
      } catch {
        goLongWay();
        return;
      }
      const taking = { request, response, goLongWay };
      if (request.url === '/api/incidents') this.#takeOne(taking, message);
      else this.#takeBatch(taking, message);
    });
    return true;
  }

  #takeOne(taking: Taking, report: unknown): void {
    this.#take(taking, [report], ([result]) =>
      result === undefined || result.rejection
        ? undefined
        : { status: result.stored.isNew ? 201 : 200, body: receiptOf(result) },
    );
  }

  #takeBatch(taking: Taking, message: unknown): void {
    const incidents = typeof message === 'object' && message !== null ? Reflect.get(message, 'incidents') : undefined;
    if (!Array.isArray(incidents) || incidents.length === 0 || incidents.length > MOST_IN_BATCH) {
      taking.goLongWay();
      return;
    }
    this.#take(taking, incidents, (results) =>
      results.some(({ rejection }) => rejection) ? undefined : { status: 200, body: batchReceiptOf(results) },
    );
  }

  /** @param answerOf what is answered; undefined where something was refused */
  #take(
    { request, response, goLongWay }: Taking,
    reports: readonly unknown[],
    answerOf: (results: IntakeResult[]) => { status: number; body: object } | undefined,
  ): void {
    // To look for an address can take any time, which is limited there.
    if (reports.some((report) => addressToFind(report) !== undefined)) {
      goLongWay();
      return;
    }
    const taken = this.#options.intake.submit(reports);
    const goOn = (): void => {
      this.#taken.set(request, taken);
      goLongWay();
    };
    taken.then((results) => {
      const answer = answerOf(results);
      if (answer === undefined) goOn();
      else send(request, response, answer.status, JSON.stringify(answer.body));
    }, goOn);
  }
}

function isPlain(headers: IncomingHttpHeaders, largest: number): boolean {
  const length = Number(headers['content-length']);
  return (
    length > 0 &&
    length <= largest &&
    JSON_TYPE.test(headers['content-type'] ?? '') &&
    headers.host !== undefined &&
    UNUSUAL.every((name) => headers[name] === undefined)
  );
}

function send(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  const id = requestIdOf(request.headers['x-request-id'] as string | undefined);
  const headers = [...HEADERS, 'X-Request-Id', id];
  if (text.length < COMPRESSED_FROM || !acceptsGzip(request.headers['accept-encoding'])) {
    // One text, so that head and body leave together.
    response.writeHead(status, [...headers, 'Content-Length', String(Buffer.byteLength(text))]);
    response.end(text);
    return;
  }
  gzip(text, { level: 1 }, (error, packed) => {
    // Only memory that is not there keeps a text from being packed: it leaves as it is.
    const body = error ? Buffer.from(text) : packed;
    const encoding = error ? [] : ['Content-Encoding', 'gzip'];
    response.writeHead(status, [
      ...headers,
      ...encoding,
      'Vary',
      'Accept-Encoding',
      'Content-Length',
      String(body.length),
    ]);
    response.end(body);
  });
}
