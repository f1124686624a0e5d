import { createECDH, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import webPush from 'web-push';
import { createEmail } from '../../../server/notify/channels/email.ts';
import { createPush } from '../../../server/notify/channels/push.ts';
import { createDingtalk, createWecom } from '../../../server/notify/channels/robots.ts';
import { createSms } from '../../../server/notify/channels/sms.ts';
import { createWebhook } from '../../../server/notify/channels/webhook.ts';
import type { Envelope } from '../../../server/notify/channel.ts';
import { verifySignature } from '../../../server/notify/signature.ts';
import { RecordingServer } from '../../support/recording-server.ts';

let server: RecordingServer;
beforeEach(async () => {
  server = await new RecordingServer().open();
});
afterEach(() => server.close());

const SECRET = 'a-secret-for-tests';

function envelope(target: Record<string, unknown>, changes: Partial<Envelope> = {}): Envelope {
  return {
    message: {
      id: '7d7b0c5e-6a9d-4d3c-9d51-0f9d1a3a2b11',
      kind: 'incident',
      title: { zh: '【红色】新事件: 路面积水', en: '[Red] New incident: 路面积水' },
      text: { zh: '水浸内涝 Z0902', en: 'Waterlogging Z0902' },
      link: 'https://map.example.org/wall?sel=incident:7',
      severity: 1,
      at: '2026-11-27T08:00:00.000Z',
      incident: 7,
    },
    target,
    language: 'both',
    role: 'staff',
    ...changes,
  };
}

function send(timeoutMs?: number) {
  return createWebhook([server.host], 'https://map.example.org', timeoutMs).send(
    envelope({ url: server.url('/hook'), secret: SECRET }),
  );
}

describe('webhook', () => {
  test('a CloudEvent, signed, with the id of the message', async () => {
    expect(await send()).toEqual({ ok: true });
    const [request] = server.requests;
    const body = request?.body.toString() ?? '';
    expect(JSON.parse(body)).toMatchObject({
      specversion: '1.0',
      id: '7d7b0c5e-6a9d-4d3c-9d51-0f9d1a3a2b11',
      source: 'https://map.example.org',
      type: 'onemap.incident',
      subject: 'incident/7',
      data: { incident: 7, severity: 1 },
    });
    expect(request?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(request?.headers['idempotency-key']).toBe('7d7b0c5e-6a9d-4d3c-9d51-0f9d1a3a2b11');
    expect(verifySignature(String(request?.headers['onemap-signature']), body, SECRET, Date.now())).toBe(true);
    expect(body).not.toContain(SECRET);
  });

  test.each([
    [503, { retry: true, error: 'HTTP 503' }],
    [429, { retry: true }],
    [400, { retry: false }],
    [410, { retry: false, gone: true }],
  ])('%i', async (status, expected) => {
    server.answer = (response) => void response.writeHead(status, { 'Retry-After': '7' }).end('no');
    expect(await send()).toMatchObject({ ok: false, retryAfterMs: 7000, ...expected });
  });

  test('a redirect is not followed', async () => {
    server.answer = (response) => void response.writeHead(307, { Location: '/elsewhere' }).end();
    expect(await send()).toMatchObject({ ok: false, retry: false, error: 'HTTP 307' });
    expect(server.requests).toHaveLength(1);
  });

  test('silence, half an answer and nobody at home are tried again', async () => {
    server.answer = () => undefined;
    expect(await send(200)).toEqual({ ok: false, retry: true, error: 'no answer in time' });
    server.answer = (response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    };
    expect(await send()).toMatchObject({ ok: false, retry: true });
    server.answer = (response) => response.destroy();
    expect(await send()).toMatchObject({ ok: false, retry: true });
    const away = server.url('/hook');
    const { host } = server;
    await server.close();
    const channel = createWebhook([host], 'urn:onemap');
    expect(await channel.send(envelope({ url: away, secret: SECRET }))).toMatchObject({
      retry: true,
      error: 'ECONNREFUSED',
    });
    await server.open();
  });

  test('a host that nobody allowed is not called', async () => {
    const channel = createWebhook(['example.org'], 'urn:onemap');
    const delivery = await channel.send(envelope({ url: server.url('/hook'), secret: SECRET }));
    expect(delivery).toMatchObject({ ok: false, retry: false });
    expect(JSON.stringify(delivery)).not.toContain(server.host);
    expect(server.requests).toHaveLength(0);
  });
});

/** What robots say: always 200, and how it went inside. */
function errcode(code: number): void {
  server.answer = (response) => void response.end(JSON.stringify({ errcode: code, errmsg: 'x' }));
}

describe('robots and text messages, as far as a recording server can tell', () => {
  test('WeChat Work', async () => {
    errcode(0);
    const channel = createWecom([server.host]);
    const target = { url: server.url('/cgi-bin/webhook/send?key=693a91f6') };
    expect(await channel.send(envelope(target))).toEqual({ ok: true });
    const sent = JSON.parse(server.requests[0]?.body.toString() ?? '') as {
      msgtype: string;
      text: { content: string };
    };
    expect(sent.msgtype).toBe('text');
    expect(sent.text.content).toContain('路面积水');
    expect(sent.text.content).toContain('sel=incident:7');
    errcode(45009);
    expect(await channel.send(envelope(target))).toMatchObject({ retry: true, error: 'errcode 45009 x' });
    errcode(93000);
    expect(await channel.send(envelope(target))).toMatchObject({ retry: false });
    server.answer = (response) => void response.end('<html>');
    expect(await channel.send(envelope(target))).toMatchObject({ retry: true });
  });

  test('DingTalk, with 加签 and without', async () => {
    errcode(0);
    const channel = createDingtalk([server.host]);
    const url = server.url('/robot/send?access_token=abc');
    expect(await channel.send(envelope({ url, secret: 'SEC1' }))).toEqual({ ok: true });
    expect(await channel.send(envelope({ url }))).toEqual({ ok: true });
    const [signed, plain] = server.requests.map((request) => new URL(request.url, 'http://x').searchParams);
    expect(signed?.get('sign')).toBeTruthy();
    expect(Number(signed?.get('timestamp'))).toBeGreaterThan(Date.now() - 60_000);
    expect(plain?.has('sign')).toBe(false);
    errcode(310000);
    expect(await channel.send(envelope({ url }))).toMatchObject({ ok: false, retry: false });
  });

  test('text message', async () => {
    const channel = createSms(server.url('/sms'), 'token-1', [server.host]);
    const long = { ...envelope({}).message, title: { zh: '长'.repeat(100), en: 'long' } };
    expect(await channel.send(envelope({ to: '13800138000' }, { message: long, language: 'zh' }))).toEqual({
      ok: true,
    });
    const [request] = server.requests;
    expect(request?.headers.authorization).toBe('Bearer token-1');
    const sent = JSON.parse(request?.body.toString() ?? '') as { to: string; text: string };
    expect(sent.to).toBe('13800138000');
    expect(Array.from(sent.text)).toHaveLength(70);
  });
});

test('web push: encrypted so that the browser can read it, signed by the keys of the service; a browser that left is gone', async () => {
  // What a browser keeps to itself.
  const browser = createECDH('prime256v1');
  const p256dh = browser.generateKeys('base64url');
  const auth = randomBytes(16).toString('base64url');
  // oxlint-disable-next-line import/no-named-as-default-member -- CommonJS
  const keys = webPush.generateVAPIDKeys();
  const channel = createPush({ ...keys, subject: 'mailto:map@example.org' }, [server.host]);
  server.answer = (response) => void response.writeHead(201).end();
  const target = { endpoint: server.url('/push/1'), keys: { p256dh, auth } };
  expect(await channel.send(envelope(target, { language: 'zh' }))).toEqual({ ok: true });
  const [request] = server.requests;
  expect(request?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '3600', urgency: 'high' });
  expect(request?.headers.authorization).toContain(keys.publicKey);
  // The library that web-push encrypts with; it has no types.
  const { decrypt } = createRequire(import.meta.url)('http_ece') as { decrypt(body: Buffer, options: object): Buffer };
  const words = decrypt(request?.body ?? Buffer.alloc(0), {
    version: 'aes128gcm',
    privateKey: browser,
    authSecret: auth,
  });
  expect(JSON.parse(words.toString())).toMatchObject({ title: '【红色】新事件: 路面积水', severity: 1 });
  server.answer = (response) => void response.writeHead(404).end();
  expect(await channel.send(envelope(target))).toMatchObject({ ok: false, gone: true });
});

describe('e-mail', () => {
  const received: { from: string; to: string[]; raw: string }[] = [];
  let smtp: SMTPServer;
  let code: number;
  let port: number;

  beforeEach(async () => {
    received.length = 0;
    code = 250;
    smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: (_address, _session, callback) =>
        code === 250 ? callback() : callback(Object.assign(new Error('no'), { responseCode: code })),
      onData: (stream, session, callback) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          received.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(parts).toString(),
          });
          callback();
        });
      },
    });
    smtp.on('error', () => undefined);
    await new Promise<void>((done) => smtp.listen(0, '127.0.0.1', done));
    port = (smtp.server.address() as { port: number }).port;
  });
  afterEach(() => new Promise<void>((done) => smtp.close(() => done())));

  const mail = async () => {
    const channel = createEmail(`smtp://127.0.0.1:${port}`, 'map@example.org', 1000);
    const delivery = await channel.send(envelope({ to: 'duty@example.org' }));
    channel.close();
    return delivery;
  };

  test('text and HTML, both languages, the id of the message', async () => {
    expect(await mail()).toEqual({ ok: true });
    const [first] = received;
    expect([first?.from, first?.to]).toEqual(['map@example.org', ['duty@example.org']]);
    const raw = first?.raw ?? '';
    expect(raw).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(raw).toContain('<7d7b0c5e-6a9d-4d3c-9d51-0f9d1a3a2b11@onemap>');
    const parts = raw
      .split(/^--.*$/m)
      .slice(1, -1)
      .map(decodePart);
    expect(parts).toHaveLength(2);
    for (const part of parts) {
      expect(part).toContain('【红色】新事件: 路面积水');
      expect(part).toContain('Waterlogging Z0902');
    }
    expect(parts[1]).toContain('<p lang="en">');
  });

  test('refused for good, refused for now, gone in the middle', async () => {
    code = 550;
    expect(await mail()).toEqual({ ok: false, retry: false, error: 'SMTP 550' });
    code = 451;
    expect(await mail()).toEqual({ ok: false, retry: true, error: 'SMTP 451' });
    await new Promise<void>((done) => smtp.close(() => done()));
    expect(await mail()).toMatchObject({ ok: false, retry: true });
  });
});

/** The text of one part of an e-mail. */
function decodePart(part: string): string {
  const [head = '', ...rest] = part.trim().split(/\r?\n\r?\n/);
  const body = rest.join('\n\n');
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString();
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
