import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Incident } from '../../../server/contract/incidents.ts';
import { signedDingtalkUrl } from '../../../server/notify/channels/robots.ts';
import { compose, hidePersonal } from '../../../server/notify/compose.ts';
import { backoff } from '../../../server/notify/deliver.ts';
import { factOf, factOfIncident, isWanted } from '../../../server/notify/fact.ts';
import { isAllowed } from '../../../server/notify/outgoing.ts';
import { signBody, verifySignature } from '../../../server/notify/signature.ts';

const incident: Incident = {
  id: 7,
  key: 'k',
  source: 's',
  category: 'Z0101',
  categoryTitle: { zh: '邻里纠纷', en: 'Neighbour dispute' },
  title: '张三 13800138000 与李四争执',
  severity: 1,
  lon: 113,
  lat: 23,
  grid: '440604012018W001',
  community: '440604012018',
  town: '440604012000',
  state: 'open',
  stage: 'collected',
  version: 0,
  department: null,
  assignee: null,
  parent: null,
  reports: 1,
  occurredAt: '2026-11-27T08:00:00.000Z',
  receivedAt: '2026-11-27T08:00:00.000Z',
  warnAt: null,
  dueAt: null,
  stageWarnAt: null,
  stageDueAt: null,
  closedAt: null,
};
const fact = (changes: Partial<Incident> = {}) =>
  factOfIncident({ ...incident, ...changes }, 'incident', 'incident:7', incident.receivedAt);

describe('what leaves the house', () => {
  const publicUrl = 'https://map.example.org';

  test('of a restricted incident: that there is one, and a link; all of it only where that is allowed', () => {
    const away = compose(fact(), { leaves: true, fullText: false, publicUrl });
    expect(JSON.stringify(away)).not.toMatch(/张三|138|邻里|Z0101|W001/);
    expect(away).toMatchObject({ link: 'https://map.example.org/wall?sel=incident:7', severity: 1 });
    expect(away.title.zh).toBe('【红色】新事件(受限)');
    for (const options of [
      { leaves: true, fullText: true, publicUrl },
      { leaves: false, fullText: false, publicUrl },
    ]) {
      expect(compose(fact(), options).title.zh).toBe('【红色】新事件: 张三 13800138000 与李四争执');
    }
  });

  test('numbers of people are hidden in what is not restricted', () => {
    const away = compose(fact({ category: '06010' }), { leaves: true, fullText: false, publicUrl });
    expect(away.title.zh).toBe('【红色】新事件: 张三 138******00 与李四争执');
    expect(away.text.zh).toContain('邻里纠纷');
    expect(hidePersonal('身份证44060419900101123X,电话13912345678,编号20261127')).toBe(
      '身份证440*************3X,电话139******78,编号20261127',
    );
  });
});

describe('who is told', () => {
  test('every condition that is given must hold', () => {
    const wants = { kinds: ['incident' as const], severities: [1], towns: [incident.town], categories: ['Z01'] };
    expect(isWanted(wants, fact())).toBe(true);
    expect(isWanted({ kinds: ['closed'] }, fact())).toBe(false);
    expect(isWanted({ ...wants, severities: [2] }, fact())).toBe(false);
    expect(isWanted({ ...wants, towns: ['440604011000'] }, fact())).toBe(false);
    expect(isWanted({ ...wants, categories: ['Z09', '0'] }, fact())).toBe(false);
    expect(isWanted({ ...wants, stages: ['handling'] }, fact())).toBe(false);
  });

  test('entries of the log: new, changed, closed, alarms; reports of something known are no news', () => {
    const event = { id: 1, committedAt: 0, type: 'incident.created' as const, incident };
    expect(factOf(event)).toMatchObject({ kind: 'incident', cause: 'incident:7', receivedAt: null, restricted: true });
    expect(factOf({ ...event, type: 'incident.updated' })?.receivedAt).toBe(incident.receivedAt);
    expect(factOf({ ...event, incident: { ...incident, parent: 3 } })).toBeUndefined();
    const closed = { ...incident, state: 'closed' as const, closedAt: incident.receivedAt };
    expect(factOf({ ...event, type: 'incident.closed', incident: closed })?.kind).toBe('closed');
    const alarm = { id: 4, title: { zh: '水位', en: 'Level' }, severity: 2, raisedAt: incident.receivedAt };
    expect(factOf({ type: 'alarm.raised', committedAt: 0, alarm })).toMatchObject({
      cause: 'alarm:4',
      restricted: true,
    });
    expect(factOf({ type: 'alarm.cleared', committedAt: 0, alarm })).toBeUndefined();
    expect(factOf({ type: 'alarm.raised', committedAt: 0, alarm: {} })).toBeUndefined();
  });
});

test('addresses: only named hosts and ports, no users, http and https', () => {
  const hosts = ['hooks.example.org', '10.0.0.5:8080', '*.push.example.com'];
  for (const yes of [
    'https://hooks.example.org/x',
    'http://10.0.0.5:8080/',
    'https://a.push.example.com/1',
    'https://HOOKS.example.org:443/',
  ]) {
    expect(isAllowed(yes, hosts), yes).toBe(true);
  }
  for (const no of [
    'https://example.org/',
    'https://hooks.example.org:8443/',
    'http://10.0.0.5/',
    'http://169.254.169.254/latest',
    'https://push.example.com/',
    'https://evil.com/?hooks.example.org',
    'https://hooks.example.org@evil.com/',
    'https://hooks.example.org.evil.com/',
    'https://user:x@hooks.example.org/',
    'ftp://hooks.example.org/',
    'file:///etc/passwd',
    'not an address',
  ]) {
    expect(isAllowed(no, hosts), no).toBe(false);
  }
  expect(isAllowed('https://hooks.example.org/', [])).toBe(false);
});

test('a signature holds for its body, its secret and five minutes', () => {
  const now = 1_795_000_000_000;
  const header = signBody('{"a":1}', 'secret', now);
  expect(header).toBe(`t=1795000000,v1=${createHmac('sha256', 'secret').update('1795000000.{"a":1}').digest('hex')}`);
  expect(verifySignature(header, '{"a":1}', 'secret', now + 299_000)).toBe(true);
  expect(verifySignature(header, '{"a":2}', 'secret', now)).toBe(false);
  expect(verifySignature(header, '{"a":1}', 'other', now)).toBe(false);
  expect(verifySignature(header, '{"a":1}', 'secret', now + 301_000)).toBe(false);
  expect(verifySignature('nonsense', '{"a":1}', 'secret', now)).toBe(false);
});

test('the address of a DingTalk robot is signed as its documents say', () => {
  const secret = 'SECtest';
  const url = new URL(
    signedDingtalkUrl('https://oapi.dingtalk.com/robot/send?access_token=abc', secret, 1_700_000_000_000),
  );
  expect(url.searchParams.get('access_token')).toBe('abc');
  expect(url.searchParams.get('timestamp')).toBe('1700000000000');
  const expected = createHmac('sha256', secret).update(`1700000000000\n${secret}`, 'utf8').digest('base64');
  expect(url.searchParams.get('sign')).toBe(expected);
  // Base64 in a query must be escaped.
  expect(url.search).toContain(encodeURIComponent(expected));
});

test('waits grow four times each, up to an hour, never all at the same moment', () => {
  expect([1, 2, 3].map((attempt) => backoff(attempt, () => 0.5))).toEqual([5000, 20_000, 80_000]);
  expect(backoff(20, () => 0.5)).toBe(3_600_000);
  expect(backoff(1, () => 0)).toBe(2500);
});
