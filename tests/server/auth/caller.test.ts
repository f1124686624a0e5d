import { describe, expect, it } from 'vitest';
import { callerOf, type Identity } from '../../../server/auth/caller.ts';

const tokens = new Map<string, Identity>([
  ['a-token-of-the-staff', { role: 'staff' }],
  ['a-token-of-the-public', { role: 'public' }],
  ['a-token-of-a-person', { role: 'staff', name: '陈静', posts: ['department'], department: 'urban_management' }],
  ['a-token-of-nobody-in-office', { role: 'public', posts: ['leader'] }],
]);
const staff = {
  role: 'staff',
  name: 'staff',
  posts: ['collector', 'acceptor', 'shift_lead', 'dispatcher', 'department', 'leader'],
  department: null,
};
const anybody = { role: 'public', name: 'public', posts: [], department: null };

describe('callerOf', () => {
  it('gives the default role to who shows nothing', () => {
    expect(callerOf(undefined, { defaultRole: 'public', tokens })).toEqual(anybody);
    expect(callerOf(null, { defaultRole: 'staff', tokens })).toEqual(staff);
  });

  it('gives the role of the token, also when it is less than the default', () => {
    expect(callerOf('Bearer a-token-of-the-staff', { defaultRole: 'public', tokens })).toEqual(staff);
    expect(callerOf('bearer a-token-of-the-public', { defaultRole: 'staff', tokens })).toEqual(anybody);
  });

  it('knows name, posts and department where the token has them; the public holds no post', () => {
    const settings = { defaultRole: 'public', tokens } as const;
    expect(callerOf('Bearer a-token-of-a-person', settings)).toEqual({
      role: 'staff',
      name: '陈静',
      posts: ['department'],
      department: 'urban_management',
    });
    expect(callerOf('Bearer a-token-of-nobody-in-office', settings).posts).toEqual([]);
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
