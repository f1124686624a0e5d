import { describe, expect, it } from 'vitest';
import { ApiError, ERROR_STATUS, errorBody, isDatabaseUnreachable, toApiError } from '../../server/errors.ts';

function withCode(code: string, more: object = {}): Error {
  return Object.assign(new Error('secret detail'), { code }, more);
}

describe('toApiError', () => {
  it('keeps an ApiError', () => {
    const error = new ApiError('TILE_INVALID', 'z=99');
    expect(toApiError(error)).toBe(error);
    expect(error.status).toBe(400);
  });

  it.each([
    withCode('CONNECTION_CLOSED'),
    withCode('ECONNREFUSED'),
    withCode('CONNECT_TIMEOUT'),
    withCode('57P01'),
    withCode('57P03'),
    withCode('08006'),
    withCode('53300'),
    withCode('ENOENT', { syscall: 'connect' }),
    new AggregateError([new Error('x'), withCode('ECONNREFUSED')]),
    new Error('database postgres://x: connect', { cause: withCode('ECONNREFUSED') }),
  ])('says that the database is away: %s', (error) => {
    expect(toApiError(error)).toMatchObject({ code: 'DATABASE_UNAVAILABLE', status: 503, cause: error });
  });

  it.each([withCode('ENOENT', { syscall: 'open' }), withCode('42P01'), new Error('x'), 'a string', null, undefined])(
    'does not blame the database for %s',
    (error) => {
      expect(isDatabaseUnreachable(error)).toBe(false);
      const answer = toApiError(error);
      expect(answer).toMatchObject({ code: 'INTERNAL', status: 500, cause: error });
      expect(answer.message).not.toContain('secret');
    },
  );

  it('knows a statement that ran out of time', () => {
    expect(toApiError(withCode('57014'))).toMatchObject({ code: 'QUERY_TIMEOUT', status: 503 });
  });
});

describe('errorBody', () => {
  it('names field and value, and cuts a long one', () => {
    const error = new ApiError('FILTER_INVALID', 'no', { field: 'filter', value: 'x'.repeat(10_000) });
    const { error: body } = errorBody(error, 'id');
    expect(body).toMatchObject({ code: 'FILTER_INVALID', message: 'no', field: 'filter', requestId: 'id' });
    expect(String(body.value).length).toBeLessThan(300);
    expect(String(body.value)).toMatch(/10000 characters/);
    expect(
      JSON.stringify(errorBody(new ApiError('BODY_INVALID', 'no', { value: { a: 'y'.repeat(999) } }), 'id')).length,
    ).toBeLessThan(400);
  });

  it('leaves out what is not known', () => {
    expect(errorBody(new ApiError('INTERNAL', 'no'), 'id')).toEqual({
      error: { code: 'INTERNAL', message: 'no', requestId: 'id' },
    });
  });
});

it('every code has a status of failure', () => {
  for (const status of Object.values(ERROR_STATUS))
    expect([400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 429, 500, 503, 507]).toContain(status);
});
