import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isBuilt, servePages } from '../../server/pages.ts';

let root: string;
let app: Hono;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'onemap-pages-'));
  app = new Hono().use(servePages(root)).notFound((c) => c.text('nothing here', 404));
});
afterAll(() => rm(root, { recursive: true }));

it('shows a page that asks again while the dashboard is built, then the dashboard', async () => {
  const waiting = await app.request('/wall');
  expect(waiting.status).toBe(503);
  expect(await waiting.text()).toMatch(/http-equiv="refresh"[\s\S]*正在构建页面[\s\S]*Building the dashboard/);
  expect((await app.request('/assets/app.js')).status).toBe(404);

  await mkdir(join(root, 'web/dist/assets'), { recursive: true });
  await writeFile(join(root, 'web/dist/index.html'), '<title>dashboard</title>');
  await writeFile(join(root, 'web/dist/assets/app-123.js'), 'let a = 1;');
  await writeFile(join(root, 'web/dist/assets/app-123.js.gz'), gzipSync('let a = 1;'));
  await writeFile(join(root, 'secret.txt'), 'secret');

  for (const view of ['/', '/wall', '/plan', '/lead']) {
    const page = await app.request(view);
    expect([page.status, await page.text()]).toEqual([200, '<title>dashboard</title>']);
    expect(page.headers.get('Content-Type')).toMatch('text/html');
    expect(page.headers.get('Cache-Control')).toBe('no-cache');
  }
  const asset = await app.request('/assets/app-123.js');
  expect(asset.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
  expect(asset.headers.get('Content-Type')).toMatch('javascript');
  const zipped = await app.request('/assets/app-123.js', { headers: { 'Accept-Encoding': 'gzip' } });
  expect(zipped.headers.get('Content-Encoding')).toBe('gzip');

  for (const path of [
    '/nope',
    '/assets/nope.js',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2f..%2fsecret.txt',
    '/wall/x',
  ]) {
    const response = await app.request(path);
    expect(response.status, path).toBe(404);
    // A wrong address must not be remembered as one that lasts.
    expect(response.headers.get('Cache-Control') ?? '').not.toMatch(/immutable/);
  }
});

it('is built anew when a source is newer than it, not when its own files are', async () => {
  const home = await mkdtemp(join(tmpdir(), 'onemap-built-'));
  const touch = async (name: string, seconds: number) => {
    await mkdir(join(home, name, '..'), { recursive: true });
    await writeFile(join(home, name), '');
    await utimes(join(home, name), seconds, seconds);
  };
  await touch('package-lock.json', 1000);
  await touch('web/views/wall.tsx', 1000);
  await utimes(join(home, 'web/views'), 1000, 1000);
  expect(await isBuilt(home)).toBe(false);
  await touch('web/dist/index.html', 2000);
  await touch('web/dist/assets/later.js', 3000);
  expect(await isBuilt(home)).toBe(true);
  await touch('web/views/wall.tsx', 2001);
  expect(await isBuilt(home)).toBe(false);
  await touch('web/views/wall.tsx', 1999);
  await utimes(join(home, 'web/views'), 1000, 1000);
  expect(await isBuilt(home)).toBe(true);
  await touch('package-lock.json', 2001);
  expect(await isBuilt(home)).toBe(false);
  await rm(home, { recursive: true });
});
