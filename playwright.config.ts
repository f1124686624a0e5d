import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

// Workers read this file again: what the first reading chose travels in the environment.
const port = (process.env['E2E_PORT'] ??= String(20_000 + (process.pid % 20_000)));
const dataDir = (process.env['E2E_DATA_DIR'] ??= mkdtempSync(join(tmpdir(), 'one-map-e2e-')));
/** `E2E_URL` tests a server that runs already. */
const running = process.env['E2E_URL'];
const url = running ?? `http://127.0.0.1:${port}`;

export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './tests/e2e/global-setup.ts',
  globalTeardown: './tests/e2e/global-teardown.ts',
  outputDir: join(tmpdir(), 'one-map-e2e-results'),
  // One browser drawing in software is enough for any machine.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  use: {
    baseURL: url,
    viewport: { width: 800, height: 450 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--enable-unsafe-swiftshader',
      ],
    },
  },
  ...(running
    ? {}
    : {
        webServer: {
          command: 'npx vite build --logLevel warn && npx tsx server/main.ts',
          url: `${url}/healthz`,
          timeout: 300_000,
          stdout: 'ignore',
          stderr: 'pipe',
          gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
          env: {
            PORT: port,
            DATA_DIR: dataDir,
            DATABASE_URL: '',
            DEMO: '1',
            DEMO_SCALE: '0.01',
            DEFAULT_ROLE: 'staff',
          },
        },
      }),
});
