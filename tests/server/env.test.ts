import { expect, test } from 'vitest';
import { readEnvironment } from '../../server/env.ts';

const token = 'b7c1e0d2f3a4958677';

test('without settings: embedded database, demo, this machine only', () => {
  expect(readEnvironment({})).toEqual({
    port: 8080,
    host: '127.0.0.1',
    databaseUrl: undefined,
    dataDir: './data',
    demo: true,
    demoScale: 0.1,
    columnMemory: 1024 ** 3,
    tileCacheMb: 64,
    plannerConnections: 4,
    mqtt: undefined,
    gtfsUrl: undefined,
    readingDays: 400,
    exportMaxRows: 2_000_000,
    exportMaxDiskMb: 4096,
    defaultRole: 'staff',
    tokens: new Map(),
    notify: { hosts: [] },
  });
});

test('with a database server the data stay closed and no demo is loaded', () => {
  const env = readEnvironment({
    DATABASE_URL: 'postgres://map@db/city',
    PORT: '80',
    HOST: '0.0.0.0',
    DATA_DIR: '/srv',
  });
  expect(env).toMatchObject({ databaseUrl: 'postgres://map@db/city', demo: false, defaultRole: 'public', port: 80 });
  expect(readEnvironment({ DATABASE_URL: 'postgresql://db/city', DEMO: '1' })).toMatchObject({
    demo: true,
    defaultRole: 'staff',
  });
  expect(readEnvironment({ DEMO: '0', DEFAULT_ROLE: 'public' })).toMatchObject({ demo: false, defaultRole: 'public' });
});

test('set to nothing is not set', () => {
  expect(readEnvironment({ PORT: '', DATABASE_URL: '', DEMO_SCALE: '', ONEMAP_TOKENS: '' })).toEqual(
    readEnvironment({}),
  );
});

test('channels of notifications are there when all of their settings are', () => {
  const keys = `${'p'.repeat(87)}:${'q'.repeat(43)}`;
  expect(readEnvironment({ SMTP_URL: 'smtp://mail:25', VAPID_KEYS: keys }).notify).toEqual({ hosts: [] });
  const { notify } = readEnvironment({
    NOTIFY_HOSTS: 'oapi.dingtalk.com, *.Push.example:8443',
    SMTP_URL: 'smtp://user:secret@mail:25',
    MAIL_FROM: 'map@example.org',
    VAPID_KEYS: keys,
    SMS_URL: 'https://sms.example.org/send',
  });
  expect(notify).toEqual({
    hosts: ['oapi.dingtalk.com', '*.push.example:8443'],
    smtp: { url: 'smtp://user:secret@mail:25', from: 'map@example.org' },
    vapid: { publicKey: 'p'.repeat(87), privateKey: 'q'.repeat(43), subject: 'mailto:map@example.org' },
    sms: { url: 'https://sms.example.org/send', token: undefined },
  });
  expect(() => readEnvironment({ NOTIFY_HOSTS: 'https://x.org' })).toThrow('NOTIFY_HOSTS');
  expect(() => readEnvironment({ SMTP_URL: 'http://user:hunter2@mail' })).toThrow(/SMTP_URL: expected/);
});

test('tokens may hold colons', () => {
  const { tokens } = readEnvironment({ ONEMAP_TOKENS: `${token}:staff, a:${token}:public` });
  expect([...tokens]).toEqual([
    [token, { role: 'staff' }],
    [`a:${token}`, { role: 'public' }],
  ]);
});

test('a token may stand for a person', () => {
  const text = `${token}:staff;name=陈静;posts=acceptor+dispatcher;department=urban_management, b;c:${token}:staff`;
  expect([...readEnvironment({ ONEMAP_TOKENS: text }).tokens]).toEqual([
    [token, { role: 'staff', name: '陈静', posts: ['acceptor', 'dispatcher'], department: 'urban_management' }],
    [`b;c:${token}`, { role: 'staff' }],
  ]);
});

test.each([
  ['PORT', '99999', 'PORT="99999"'],
  ['PORT', '0x50', 'PORT="0x50": expected a number'],
  ['PORT', '80.5', 'PORT="80.5"'],
  ['DEMO', 'maybe', 'DEMO="maybe": expected 0, 1, true or false'],
  ['DEMO_SCALE', '2', 'DEMO_SCALE="2"'],
  ['DEMO_SCALE', '0', 'DEMO_SCALE="0"'],
  ['DEFAULT_ROLE', 'root', 'DEFAULT_ROLE="root"'],
  ['DATABASE_URL', 'mysql://u:hunter2@db/x', 'DATABASE_URL: expected postgres://'],
  ['ONEMAP_TOKENS', `${token}:admin`, 'ONEMAP_TOKENS: entry 1: expected token:role'],
  ['ONEMAP_TOKENS', `${token}:staff,short:staff`, 'ONEMAP_TOKENS: entry 2'],
  ['ONEMAP_TOKENS', `${token}:staff;posts=mayor`, 'ONEMAP_TOKENS: entry 1'],
  ['ONEMAP_TOKENS', `${token}:staff;department=nowhere`, 'ONEMAP_TOKENS: entry 1'],
  ['ONEMAP_TOKENS', `${token}:staff;colour=red`, 'ONEMAP_TOKENS: entry 1'],
  ['ONEMAP_TOKENS', `${token}:staff;name=`, 'ONEMAP_TOKENS: entry 1'],
])('%s=%s is refused by name', (name, value, message) => {
  const read = (): unknown => readEnvironment({ [name]: value });
  expect(read).toThrow(message);
  if (name === 'DATABASE_URL' || name === 'ONEMAP_TOKENS') {
    expect(read).not.toThrow('hunter2');
    expect(read).not.toThrow(token);
  }
});

test('all wrong settings are told at once', () => {
  expect(() => readEnvironment({ PORT: 'x', DEMO: 'y' })).toThrow(/PORT="x".*\n.*DEMO="y"/);
});

test('PUBLIC_URL is an origin', () => {
  expect(readEnvironment({ PUBLIC_URL: 'https://map.example.gov.cn/' }).publicUrl).toBe('https://map.example.gov.cn');
  expect(readEnvironment({ PUBLIC_URL: '' }).publicUrl).toBeUndefined();
  for (const wrong of ['map.example.gov.cn', 'ftp://x', 'https://x/path', 'javascript:alert(1)']) {
    expect(() => readEnvironment({ PUBLIC_URL: wrong })).toThrow(/PUBLIC_URL/);
  }
});
