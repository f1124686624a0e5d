import { describe, expect, it } from 'vitest';
import { formatUrlState, parseUrlState } from '../../web/url-state.ts';
import { withoutLayer } from '../../web/without-layer.ts';

const left = (search: string) => {
  const state = parseUrlState(search);
  return formatUrlState({ ...state, ...withoutLayer(state, 'user_a') });
};

describe('an address after a layer is gone', () => {
  it('asks for it nowhere', () => {
    const search =
      '?layers=school,user_a&hex=user_a&on=user_a&f.user_a=%5B%5B%22n%22,%22%3D%22,1%5D%5D&metric=sum:n&cross=n&diff=user_a:3' +
      '&table=user_a&labels=user_a,school&sel=feature:user_a:7&tool=overlay:a=school,b=user_a';
    expect(search).toContain('user_a');
    expect(parseUrlState(search).filters).toHaveProperty('user_a');
    expect(left(search)).not.toContain('user_a');
    expect(left(search)).toContain('layers=school');
    expect(left(search)).toContain('a=school');
    expect(left(search)).not.toContain('metric');
  });

  it('keeps what others ask for', () => {
    const search = formatUrlState(
      parseUrlState('?layers=school&area=school:town&metric=sum:n&table=school&sel=feature:school:7&diff=school'),
    );
    expect(left(search)).toBe(search);
  });
});
