import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Recorded {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** A local server that keeps what it is sent and answers as it is told. */
export class RecordingServer {
  readonly requests: Recorded[] = [];
  /** Answers a request that has been kept. */
  answer: (response: ServerResponse, request: Recorded) => void = (response) => void response.writeHead(204).end();
  #server: Server | undefined;

  async open(): Promise<this> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('error', () => undefined);
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const recorded = { method, url, headers, body: Buffer.concat(parts) };
        this.requests.push(recorded);
        this.answer(response, recorded);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    this.#server = server;
    return this;
  }

  get host(): string {
    if (!this.#server) throw new Error('the server is not open');
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path = '/'): string {
    return `http://${this.host}${path}`;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((done) => this.#server?.close(() => done()) ?? done());
  }
}
