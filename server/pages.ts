import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Context, MiddlewareHandler, Next } from 'hono';
import type { Logger } from 'pino';

/** Addresses of the dashboard: all are the one page, which reads the rest of its state from the URL. */
const VIEWS = /^\/(wall|plan|lead|data|report(\/[^/]*)?|collect|(rules|warnings)(\/(new|\d+)?)?)?$/;

/** What is shown while the dashboard cannot be: it asks again by itself. */
export function waitingPage(zh: string, en: string): string {
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>One Map 一张图</title>
<style>body{font:18px/1.6 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0;color:#333}
p{margin:.2em}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}</style></head>
<body><main><h1>One Map 一张图</h1><p>${zh}</p><p lang="en">${en}</p></main></body></html>`;
}

/** Whether the dashboard was built from the sources that are there now: an update of the product brings others. */
export async function isBuilt(root: string): Promise<boolean> {
  const built = await stat(join(root, 'web/dist/index.html')).catch(() => null);
  if (built === null) return false;
  const names = await readdir(join(root, 'web'), { recursive: true });
  // Folders, too: a file that was taken away has changed its folder. Ours is changed by the build itself.
  const sources = names.filter((name) => !/^dist(\/|\\|$)/.test(name)).map((name) => join('web', name));
  const times = await Promise.all(
    ['package-lock.json', ...sources].map(async (name) => (await stat(join(root, name))).mtimeMs),
  );
  return times.every((time) => time <= built.mtimeMs);
}

/** Builds the dashboard when its sources are newer. Resolves when it is there; rejects when the build fails. */
export async function buildPages(root: string, log: Logger): Promise<void> {
  if (await isBuilt(root)) return;
  log.info('building the dashboard (once, about 20 s)');
  const started = performance.now();
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`vite build ended with code ${code}`))));
  });
  log.info({ seconds: Math.round((performance.now() - started) / 1000) }, 'dashboard built');
}

/** Serves the built dashboard from `<root>/web/dist`; the waiting page until it is built. */
export function servePages(root: string): MiddlewareHandler {
  const dist = join(root, 'web/dist');
  let files: { page: MiddlewareHandler; file: MiddlewareHandler } | null = null;

  return async (c: Context, next: Next) => {
    if (files === null) {
      if (!existsSync(join(dist, 'index.html'))) {
        if (!VIEWS.test(c.req.path)) return next();
        return c.html(waitingPage('正在构建页面…', 'Building the dashboard…'), 503, { 'Retry-After': '2' });
      }
      files = {
        page: serveStatic({ path: join(dist, 'index.html'), precompressed: true }),
        file: serveStatic({ root: dist, precompressed: true }),
      };
    }
    const response = await (VIEWS.test(c.req.path) ? files.page(c, next) : files.file(c, next));
    if (!(response instanceof Response)) return;
    // Names of assets carry a hash of their content; the page that names them must be asked for each time.
    const isLasting = c.req.path.startsWith('/assets/');
    response.headers.set('Cache-Control', isLasting ? 'public, max-age=31536000, immutable' : 'no-cache');
    return response;
  };
}
