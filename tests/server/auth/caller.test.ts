import { describe, expect, it } from 'vitest';
import type { Role } from '../../../layers/access.ts';
import { callerOf } from '../../../server/auth/caller.ts';

const tokens = new Map<string, Role>([
  ['a-token-of-the-staff', 'staff'],
  ['a-token-of-the-public', 'public'],
]);

describe('callerOf', () => {
  it('gives the default role to who shows nothing', () => {
    expect(callerOf(undefined, { defaultRole: 'public', tokens })).toEqual({ role: 'public' });
    expect(callerOf(null, { defaultRole: 'staff', tokens })).toEqual({ role: 'staff' });
  });

  it('gives the role of the token, also when it is less than the default', () => {
    expect(callerOf('Bearer a-token-of-the-staff', { defaultRole: 'public', tokens })).toEqual({ role: 'staff' });
    expect(callerOf('bearer a-token-of-the-public', { defaultRole: 'staff', tokens })).toEqual({ role: 'public' });
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer a-token-of-the-staf',
    'Bearer A-TOKEN-OF-THE-STAFF',
    'Basic x',
    'a-token-of-the-staff',
    'Bearer a-token-of-the-staff x',
  ])('refuses "%s" instead of falling back', (authorization) => {
    expect(() => callerOf(authorization, { defaultRole: 'staff', tokens })).toThrow(
      expect.objectContaining({ code: 'UNAUTHORIZED', status: 401 }),
    );
  });
});
