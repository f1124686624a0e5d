import { connect, type Socket } from 'node:net';

/**
 * Answers per second to `connections` that each ask for one address after another, without a pause, for `seconds`. A
 * reader of its own, that looks at the length of an answer only: Node's would be slower than what is measured.
 * @throws when an answer has another status than `status`
 */
export async function requestRate(
  urls: readonly string[],
  options: { connections: number; seconds: number; status: number; headers?: Record<string, string>[] },
): Promise<number> {
  const { connections, seconds, status, headers = [] } = options;
  const requests = urls.map((url, index) => {
    const { host, pathname, search } = new URL(url);
    const lines = Object.entries({ Host: host, 'Accept-Encoding': 'gzip', ...headers[index] });
    return Buffer.from(
      `GET ${pathname}${search} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
  });
  const { hostname, port } = new URL(urls[0] ?? '');
  const end = performance.now() + seconds * 1000;
  const start = performance.now();
  const counts = await Promise.all(
    Array.from({ length: connections }, (_, n) => askOn(connect(Number(port), hostname), requests, n * 7, end, status)),
  );
  return (counts.reduce((sum, count) => sum + count, 0) / (performance.now() - start)) * 1000;
}

function askOn(
  socket: Socket,
  requests: readonly Buffer[],
  first: number,
  end: number,
  status: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let chunks: Buffer[] = [];
    let received = 0;
    /** Bytes of the answer that is coming, once its head is there. */
    let size: number | null = null;
    const ask = (): void => void socket.write(requests[(first + answered) % requests.length] as Buffer);
    socket.setNoDelay(true);
    socket.once('connect', ask);
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      received += chunk.length;
      if (size === null) {
        const found = answerSize(chunks.length === 1 ? chunk : Buffer.concat(chunks), status);
        if (found instanceof Error) {
          socket.destroy();
          reject(found);
          return;
        }
        size = found;
      }
      if (size === null || received < size) return;
      chunks = [];
      received = 0;
      size = null;
      answered += 1;
      if (performance.now() < end) ask();
      else {
        socket.destroy();
        resolve(answered);
      }
    });
  });
}

/** Bytes of the answer at the beginning of `bytes`; null while its head is not complete. */
function answerSize(bytes: Buffer, status: number): number | null | Error {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return null;
  const text = bytes.toString('latin1', 0, head);
  if (!text.startsWith(`HTTP/1.1 ${status}`)) return new Error(`answered ${text.slice(0, 80)}`);
  if (status === 304 || status === 204) return head + 4;
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  if (length !== undefined) return head + 4 + Number(length);
  if (!/\r\ntransfer-encoding: chunked/i.test(text)) return new Error(`an answer without a length: ${text}`);
  // Ends with the empty chunk.
  const last = bytes.indexOf('\r\n0\r\n\r\n', head);
  return last < 0 ? null : last + 7;
}
