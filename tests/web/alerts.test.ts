import { describe, expect, test } from 'vitest';
import type { Alert } from '../../server/app.ts';
import { wasInForce } from '../../web/alerts.ts';

const at = (time: string) => Date.parse(`2026-11-20T${time}:00Z`);

function alert(id: number, more: Partial<Alert>): Alert {
  return {
    id,
    sent: '2026-11-20T08:00:00Z',
    expires: '2026-11-20T12:00:00Z',
    msgType: 'Alert',
    state: 'active',
    replacedBy: null,
    ...more,
  } as Alert;
}

describe('a warning at a moment of the past', () => {
  test('holds from when it was sent until it expires', () => {
    const one = alert(1, {});
    expect(['07:59', '08:00', '11:59', '12:00'].map((time) => wasInForce(one, [one], at(time)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('holds until what replaced it or called it off was sent', () => {
    const first = alert(1, { state: 'replaced', replacedBy: 2 });
    const second = alert(2, { sent: '2026-11-20T09:00:00Z', msgType: 'Update', state: 'cancelled', replacedBy: 3 });
    const end = alert(3, { sent: '2026-11-20T10:00:00Z', msgType: 'Cancel', state: 'cancelled' });
    const all = [end, second, first];
    const standing = (time: string) => all.filter((each) => wasInForce(each, all, at(time))).map(({ id }) => id);
    expect(standing('08:30')).toEqual([1]);
    expect(standing('09:30')).toEqual([2]);
    expect(standing('10:00')).toEqual([]);
  });

  test('is taken as over where what ended it is not known any more', () => {
    const one = alert(1, { state: 'replaced', replacedBy: 9 });
    expect(wasInForce(one, [one], at('08:30'))).toBe(false);
  });
});
