import type { Incident, IncidentSnapshot } from '../../server/app.ts';
import { expect, PLACE, report, test, waitForMap } from './support/screen.ts';

test.use({ viewport: { width: 1280, height: 720 } });

test('the wall shows a moment of the past, plays on from there, and comes back to the present', async ({
  page,
  errors,
}) => {
  const snapshot = async (query = '') =>
    (await (await page.request.get(`/api/incidents?limit=5000${query}`)).json()) as IncidentSnapshot;
  const { id, title } = await report(page, PLACE, { severity: 1 });
  const { receivedAt } = (await (await page.request.get(`/api/incidents/${id}`)).json()) as Incident;
  // The address knows seconds, and what is younger than two may not be committed.
  const moment = Math.ceil(Date.parse(receivedAt) / 1000) * 1000 + 1000;
  await page.waitForTimeout(Math.max(0, moment + 4_000 - Date.now()));
  await page.request.post(`/api/incidents/${id}/close`);
  const then = await snapshot(`&at=${new Date(moment).toISOString()}`);
  expect(then.incidents.some((incident) => incident.id === id)).toBe(true);

  const time = `${new Date(moment).toISOString().slice(0, 19)}Z`;
  await page.goto(`/wall?replay=${time}~1~paused`);
  await waitForMap(page);
  const bar = page.getByRole('region', { name: '回放' });
  await expect(bar.getByRole('status')).toContainText(
    new Date(moment).toLocaleTimeString('zh-CN', { hour12: false, timeZone: 'Asia/Shanghai' }),
  );
  await expect(page.getByTestId('today-open')).toHaveText(then.openTotal.toLocaleString('zh-CN'));
  await expect(page.getByText(title).first()).toBeVisible();

  // Played on, it is closed as it was then.
  await bar.getByRole('button', { name: '5×' }).click();
  await bar.getByRole('button', { name: '播放' }).click();
  await expect(page.getByText(title)).toHaveCount(0);

  // The end of the replay, or the way back, is the present: live, without the bar.
  const back = bar.getByRole('button', { name: '回到实时' });
  if (await back.isVisible()) await back.click({ timeout: 5_000 }).catch(() => undefined);
  await expect(bar).toHaveCount(0);
  await expect(page).not.toHaveURL(/replay=/);
  const next = await report(page, PLACE, { severity: 1 });
  await expect(page.getByText(next.title).first()).toBeVisible();
  await page.request.post(`/api/incidents/${next.id}/close`);
  expect(errors).toEqual([]);
});
