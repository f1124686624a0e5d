import { expect, test, vi } from 'vitest';
import { loadPart } from '../../web/load-part.ts';

function failing(times: number): () => Promise<string> {
  let left = times;
  return () => (left-- > 0 ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve('part'));
}

test('an outage is waited for, and the part arrives after it', async () => {
  const reload = vi.fn();
  let isUp = false;
  const reachable = vi.fn(async () => {
    isUp = true;
  });
  await expect(loadPart(failing(1), { reload, reachable })).resolves.toBe('part');
  expect(isUp).toBe(true);
  expect(reload).not.toHaveBeenCalled();
});

test('a part that cannot be had from a server that answers starts the page again', async () => {
  const reload = vi.fn();
  const reachable = vi.fn(async () => {});
  const settled = vi.fn();
  void loadPart(failing(100), { reload, reachable }).then(settled, settled);
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
  expect(reachable).toHaveBeenCalledTimes(3);
  expect(settled).not.toHaveBeenCalled();
});
