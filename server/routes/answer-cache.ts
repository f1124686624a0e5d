import { acceptsGzip } from '../accepts-gzip.ts';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';
import type { AppEnv } from './router.ts';

const compress = promisify(gzip);
const COMPRESS_FROM = 1024;

/**
 * Bodies as they were sent, by entity tag: what many ask for is made and compressed once. Callers who ask for the same at the
 * same time wait for one. The least recently used go first; larger ones than an eighth of all are not kept.
 */
export class AnswerCache {
  private readonly bodies = new Map<string, { body: Promise<Uint8Array<ArrayBuffer>>; size: number }>();
  private bytes = 0;
  private readonly limit: number;

  constructor(limit = 64 * 1024 ** 2) {
    this.limit = limit;
  }

  get(key: string, make: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.bodies.get(key);
    if (known !== undefined) {
      this.bodies.delete(key);
      this.bodies.set(key, known);
      return known.body;
    }
    const entry = { body: make(), size: 0 };
    this.bodies.set(key, entry);
    entry.body.then(
      (body) => {
        if (this.bodies.get(key) !== entry) return;
        if (body.length > this.limit / 8) {
          this.bodies.delete(key);
          return;
        }
        entry.size = body.length;
        this.bytes += body.length;
        this.shrink();
      },
      () => this.bodies.delete(key),
    );
    return entry.body;
  }

  private shrink(): void {
    for (const [key, { size }] of this.bodies) {
      if (this.bytes <= this.limit) return;
      if (size === 0) continue;
      this.bytes -= size;
      this.bodies.delete(key);
    }
  }
}

function takesGzip(c: Context<AppEnv>): boolean {
  return acceptsGzip(c.req.header('Accept-Encoding'));
}

/** Compressed in one go by another thread: streams go to and fro for each piece. */
async function zipped(plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return plain.length < COMPRESS_FROM ? plain : new Uint8Array(await compress(plain, { level: 4 }));
}

function send(
  c: Context<AppEnv>,
  headers: Record<string, string>,
  type: string,
  body: Uint8Array<ArrayBuffer>,
): Response {
  // A plain body begins with a brace or a letter, never with the mark of gzip.
  const isZipped = body[0] === 0x1f && body[1] === 0x8b;
  return c.body(body, 200, { ...headers, 'Content-Type': type, ...(isZipped ? { 'Content-Encoding': 'gzip' } : {}) });
}

function bytesOf(answer: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(JSON.stringify(answer)));
}

/** Answers with bytes of a type that depend on nothing but their entity tag, compressed where the caller takes it. */
export async function answerBytes(
  c: Context<AppEnv>,
  headers: Record<string, string>,
  type: string,
  make: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Response> {
  const zips = takesGzip(c);
  const body = await c.var.services.answers.get(`${type} ${zips} ${headers['ETag']}`, async () =>
    zips ? zipped(await make()) : make(),
  );
  return send(c, headers, type, body);
}

/** The same with what `make` answers as JSON. */
export function answerJson(
  c: Context<AppEnv>,
  headers: Record<string, string>,
  make: () => Promise<unknown>,
): Promise<Response> {
  return answerBytes(c, headers, 'application/json', async () => bytesOf(await make()));
}

/** Answers with JSON that is not kept. */
export async function answerOnce(
  c: Context<AppEnv>,
  headers: Record<string, string>,
  type: string,
  answer: unknown,
): Promise<Response> {
  const plain = bytesOf(answer);
  return send(c, headers, type, takesGzip(c) ? await zipped(plain) : plain);
}
