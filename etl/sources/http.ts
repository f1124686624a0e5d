import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Text } from '../../layers/define.ts';
import { LoadError } from '../errors.ts';

export interface HttpLimits {
  /** Milliseconds without a byte after which a download is given up. Default 60 s. */
  idleMs?: number;
  /** Milliseconds a whole download may take. Default 30 minutes. */
  totalMs?: number;
  /** Largest answer, in bytes. Default 4 GB. */
  maxBytes?: number;
}

export const DEFAULT_LIMITS: Required<HttpLimits> = { idleMs: 60_000, totalMs: 1_800_000, maxBytes: 4 * 1024 ** 3 };

/** What a server says of the state of a file, to ask later whether it has changed. */
export interface Validators {
  etag?: string;
  lastModified?: string;
}

export type Download =
  | { isUnchanged: true }
  | { isUnchanged: false; validators: Validators; contentType: string; finalUrl: string };

/**
 * Downloads to a file. Throws DOWNLOAD_FAILED with what went wrong: no such host, refused, status, time-out, too large,
 * cut short.
 * @param known validators of the last download: the answer may be that nothing has changed
 */
export async function download(
  url: string,
  target: string,
  limits: HttpLimits = {},
  known: Validators = {},
): Promise<Download> {
  const { idleMs, totalMs, maxBytes } = { ...DEFAULT_LIMITS, ...limits };
  const shown = shownUrl(url);
  const giveUp = new AbortController();
  let timer = setTimeout(() => giveUp.abort(new Error('idle')), idleMs);
  const total = setTimeout(() => giveUp.abort(new Error('total')), totalMs);
  let bytes = 0;
  try {
    const response = await fetch(url, {
      signal: giveUp.signal,
      redirect: 'follow',
      headers: {
        'user-agent': 'one-map-etl',
        ...(known.etag === undefined ? {} : { 'if-none-match': known.etag }),
        ...(known.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
      },
    });
    if (response.status === 304) return { isUnchanged: true };
    if (!response.ok) {
      const said = (await response.text().catch(() => ''))
        .replaceAll(/<[^>]*>|\s+/g, ' ')
        .trim()
        .slice(0, 200);
      throw failed(shown, statusText(response.status, said));
    }
    const announced = Number(response.headers.get('content-length') ?? Number.NaN);
    if (announced > maxBytes) throw tooLarge(shown, maxBytes);
    if (!response.body) throw failed(shown, { zh: '答复没有内容', en: 'the answer has no content' });
    await pipeline(
      Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          clearTimeout(timer);
          timer = setTimeout(() => giveUp.abort(new Error('idle')), idleMs);
          bytes += chunk.length;
          if (bytes > maxBytes) throw tooLarge(shown, maxBytes);
          yield chunk;
        }
      },
      createWriteStream(target),
    );
    if (bytes === 0) throw failed(shown, { zh: '答复是 0 字节', en: 'the answer has 0 bytes' });
    return {
      isUnchanged: false,
      validators: validatorsOf(response.headers),
      contentType: response.headers.get('content-type') ?? '',
      finalUrl: response.url || url,
    };
  } catch (cause) {
    await rm(target, { force: true });
    if (cause instanceof LoadError) throw cause;
    throw failed(shown, reasonOf(giveUp.signal, cause, { idleMs, totalMs }, bytes), cause);
  } finally {
    clearTimeout(timer);
    clearTimeout(total);
  }
}

function validatorsOf(headers: Headers): Validators {
  const [etag, lastModified] = [headers.get('etag'), headers.get('last-modified')];
  return { ...(etag === null ? {} : { etag }), ...(lastModified === null ? {} : { lastModified }) };
}

function statusText(status: number, said: string): Text {
  const more = said === '' ? '' : `: ${said}`;
  if (status === 401 || status === 403)
    return {
      zh: `服务器拒绝访问（${status}${more}），需要账号或许可`,
      en: `the server refuses access (${status}${more}): an account or a permission is needed`,
    };
  if (status === 404 || status === 410)
    return { zh: `地址不存在（${status}），请核对`, en: `there is no such address (${status}): check it` };
  if (status === 429 || status === 503)
    return {
      zh: `服务器忙（${status}${more}），请稍后再试`,
      en: `the server is busy (${status}${more}): try again later`,
    };
  return { zh: `服务器答复 ${status}${more}`, en: `the server answered ${status}${more}` };
}

function reasonOf(
  signal: AbortSignal,
  cause: unknown,
  limits: { idleMs: number; totalMs: number },
  bytes: number,
): Text {
  if (signal.aborted) {
    const isIdle = (signal.reason as Error).message === 'idle';
    const seconds = (isIdle ? limits.idleMs : limits.totalMs) / 1000;
    return isIdle
      ? {
          zh: `${seconds} 秒没有收到数据（已收 ${bytes} 字节），请稍后再试`,
          en: `no data for ${seconds} s (${bytes} bytes received): try again later`,
        }
      : {
          zh: `${seconds} 秒内未能下载完（已收 ${bytes} 字节）`,
          en: `not finished within ${seconds} s (${bytes} bytes received)`,
        };
  }
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = (inner as NodeJS.ErrnoException | undefined)?.code;
  const message = inner instanceof Error ? inner.message : String(inner);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { zh: `找不到主机（${code}），请核对地址`, en: `there is no such host (${code}): check the address` };
  if (code === 'ECONNREFUSED')
    return {
      zh: '主机拒绝连接，服务可能没有运行',
      en: 'the host refuses the connection: the service may not be running',
    };
  return {
    zh: `传输中断（${code ?? message}，已收 ${bytes} 字节），请再试`,
    en: `the transfer broke off (${code ?? message}, ${bytes} bytes received): try again`,
  };
}

function tooLarge(shown: string, maxBytes: number): LoadError {
  const limit = maxBytes >= 1 << 20 ? `${Math.round(maxBytes / (1 << 20))} MB` : `${maxBytes} bytes`;
  return failed(shown, {
    zh: `大于 ${limit}。请缩小请求范围，或下载后导入文件`,
    en: `larger than ${limit}. Ask for less, or download it and import the file`,
  });
}

/** A download that cannot be used. */
export function failed(shown: string, text: Text, cause?: unknown): LoadError {
  return new LoadError('DOWNLOAD_FAILED', { zh: `${shown}：${text.zh}。`, en: `${shown}: ${text.en}.` }, { cause });
}

/** An address as it may be shown: without user, password and what looks like a key. */
export function shownUrl(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.username = '';
    parsed.password = '';
    for (const name of Array.from(parsed.searchParams.keys())) {
      if (/token|key|secret|password|sig/i.test(name)) parsed.searchParams.set(name, '***');
    }
    return parsed.href;
  } catch {
    return url;
  }
}
