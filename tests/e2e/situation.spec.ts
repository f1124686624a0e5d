import { expect, PLACE, report, test, waitForMap } from './support/screen.ts';

test.use({ viewport: { width: 1440, height: 900 } });

test('an incident has its situation card, and somebody is sent there from it', async ({ page, errors }) => {
  const { id } = await report(page, PLACE, { category: 'Z0904' });
  await page.goto(`/wall?sel=incident:${id}`);
  await waitForMap(page);
  await page.getByRole('button', { name: '态势卡' }).click();
  await expect(page).toHaveURL(/card=200/);
  const card = page.getByTestId('situation-card');
  await expect(card).toBeVisible();

  // What is on the screen is what the API says.
  const answer = await (await page.request.get(`/api/incidents/${id}/situation?radius=200`)).json();
  const { people, facilities } = answer as {
    people: { items: { total: number | null; k: number }[] };
    facilities: { items: { layer: string; total: number }[] };
  };
  const [item] = people.items;
  const shown = item?.total === null ? `少于 ${item.k}` : item!.total.toLocaleString('zh-CN');
  await expect(page.getByTestId('card-people')).toHaveText(shown);
  for (const { layer, total } of facilities.items) {
    await expect(card.locator(`[data-layer="${layer}"] > p > b`)).toContainText(total.toLocaleString('zh-CN'));
  }

  // Another radius, in the address, too.
  await page.getByLabel('半径').selectOption('500');
  await expect(page).toHaveURL(/card=500/);
  // A hydrant is shown on the map, by keyboard.
  await card.locator('[data-layer="fire_hydrant"] button').first().focus();
  await page.keyboard.press('Enter');

  const dispatch = page.getByTestId('dispatch');
  await dispatch.getByText('为什么').click();
  await expect(dispatch.getByText('得分构成')).toBeVisible();
  // The first suggestion needs no words.
  await dispatch.getByRole('button', { name: '派遣: 住房城乡建设局' }).click();
  await expect(page.getByTestId('dispatch-state')).toHaveText('等待确认');
  await expect(page.getByTestId('dispatch-left')).toHaveText(/剩余 \d+ 秒/);
  // Anybody else needs some.
  await dispatch.getByText('改派其他人').click();
  await dispatch
    .getByRole('button', { name: /^改派: / })
    .first()
    .click();
  const confirm = dispatch.getByRole('button', { name: '确认改派' });
  await expect(confirm).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(confirm).toBeHidden();
  await expect(card).toBeVisible();
  await dispatch.getByRole('button', { name: '确认接收' }).click();
  await expect(page.getByTestId('dispatch-state')).toHaveText('已确认接收');
  const { stage } = (await (await page.request.get(`/api/incidents/${id}`)).json()) as { stage: string };
  expect(stage).toBe('handling');

  await page.getByRole('button', { name: '返回事件' }).click();
  await expect(card).toBeHidden();
  await expect(page).toHaveURL(new RegExp(`sel=incident:${id}`));
  expect(errors).toEqual([]);
});

test('a drawn circle has a card at the desk, in English', async ({ page }) => {
  await page.goto(`/plan?lang=en&tool=inside&shape=circle:${PLACE.lon},${PLACE.lat}:400`);
  await page.getByRole('button', { name: 'Situation', exact: true }).click();
  const card = page.getByTestId('situation-card');
  await expect(card.getByRole('heading', { name: 'Resources' })).toBeVisible();
  await expect(page.getByTestId('dispatch')).toBeHidden();
});
