/** The longest an answer may be, and take. */
const LARGEST_ANSWER = 5 * 1024 * 1024;
const LONGEST_MS = 20_000;
const MOST_REDIRECTS = 3;

export interface FeedState {
  url: string;
  etag: string | null;
  lastModified: string | null;
}

export type FeedAnswer =
  | { isNew: false }
  | { isNew: true; text: string; contentType: string | null; etag: string | null; lastModified: string | null };

/**
 * Asks a feed for what is new. Redirects are followed within the same kind of address only: never to a file, never from
 * https to http.
 * @throws Error in words for whoever set the feed up
 */
export async function askFeed({ url, etag, lastModified }: FeedState): Promise<FeedAnswer> {
  const signal = AbortSignal.timeout(LONGEST_MS);
  let address = new URL(url);
  for (let hops = 0; ; hops++) {
    const response = await fetch(address, {
      redirect: 'manual',
      signal,
      headers: {
        Accept: 'application/json, application/geo+json, text/csv;q=0.9, */*;q=0.1',
        ...(etag === null ? {} : { 'If-None-Match': etag }),
        ...(lastModified === null ? {} : { 'If-Modified-Since': lastModified }),
      },
    }).catch((cause: unknown) => {
      if (signal.aborted) throw new Error(`no answer within ${LONGEST_MS / 1000} s`, { cause });
      const reason =
        cause instanceof Error
          ? ((cause.cause as { code?: string } | undefined)?.code ?? cause.message)
          : String(cause);
      throw new Error(`cannot be reached: ${reason}`, { cause });
    });
    if (response.status === 304) {
      await response.body?.cancel();
      return { isNew: false };
    }
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      const target = response.headers.get('Location');
      if (target === null || hops >= MOST_REDIRECTS) throw new Error(`answers ${response.status} and leads nowhere`);
      const next = new URL(target, address);
      const isAllowed = next.protocol === address.protocol || next.protocol === 'https:';
      if (!isAllowed) throw new Error(`leads from ${address.protocol} to ${next.protocol}, which is not followed`);
      address = next;
      continue;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`answers ${response.status}`);
    }
    const contentType = response.headers.get('Content-Type');
    return {
      isNew: true,
      text: decode(await readAll(response, signal), contentType),
      contentType,
      etag: response.headers.get('ETag'),
      lastModified: response.headers.get('Last-Modified'),
    };
  }
}

async function readAll(response: Response, signal: AbortSignal): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of response.body ?? []) {
      size += (part as Uint8Array).length;
      if (size > LARGEST_ANSWER) throw new RangeError(`the answer is larger than ${LARGEST_ANSWER} bytes`);
      parts.push(part as Uint8Array);
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new Error(signal.aborted ? `the answer took longer than ${LONGEST_MS / 1000} s` : 'the answer broke off', {
      cause,
    });
  }
  return Buffer.concat(parts);
}

/** The text in the encoding that the answer says; UTF-8 where it says none. Never guessed. */
function decode(bytes: Buffer, contentType: string | null): string {
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`the answer is not ${charset}`, { cause });
  }
}
