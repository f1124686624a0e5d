import { expect, PLACE, report, test, waitForMap } from './support/screen.ts';

test.use({ viewport: { width: 1440, height: 900 } });

test('reports of one thing are counted, listed, unlinked, undone; the bell tells of what is red', async ({
  page,
  errors,
}) => {
  await page.goto('/wall');
  await waitForMap(page);
  // Somewhere that nobody has reported anything of this kind lately.
  const here = { lon: PLACE.lon + Math.random() * 0.02, lat: PLACE.lat + Math.random() * 0.02 };
  const kind = { category: 'Z0903', severity: 1 };
  const first = await report(page, here, kind);
  await expect(page.getByTestId('bell-count')).toBeVisible();
  const second = await report(page, here, kind);
  const queue = page.getByTestId('queue');
  // Only the red ones: the demo goes on reporting others.
  await page.getByTitle('红色·特别重大').click();
  await queue.getByText(first.title).click();
  const reports = page.getByTestId('reports');
  await expect(reports.getByText(second.title)).toBeVisible();
  await expect(queue.getByText(`重复 #${first.id}`)).toBeVisible();

  // One mark with the number on the map, in the place of two.
  await page.waitForFunction(
    ([parent, child]) => {
      const { map, over } = window.oneMap!;
      const { width, height } = map.getCanvas().getBoundingClientRect();
      const found = over
        .pickObjects({ x: 0, y: 0, width, height, layerIds: ['incidents'] })
        .map(({ object }) => (object as { id: number }).id);
      return found.includes(parent!) && !found.includes(child!);
    },
    [first.id, second.id],
  );

  await reports.getByRole('button', { name: `解除 ${second.title} 的关联` }).click();
  await expect(reports.getByText(`已解除 #${second.id}`)).toBeVisible();
  await expect(reports.getByText(second.title)).toBeHidden();
  await reports.getByRole('button', { name: '撤销' }).click();
  await expect(reports.getByText(second.title)).toBeVisible();
  await expect(reports.getByText(`已关联 #${second.id}`)).toBeVisible();

  await page.getByRole('button', { name: /新通知$/ }).click();
  const box = page.getByTestId('bell-box');
  await expect(box.getByText(`新事件: ${first.title}`)).toBeVisible();
  // Reports of something known are no news.
  await expect(box.getByText(second.title)).toBeHidden();

  await box.getByRole('button', { name: '订阅设置' }).click();
  await box.getByText('新增订阅').first().click();
  const name = `值班 ${Date.now()}`;
  await box.getByLabel('名称').fill(name);
  await box.getByTestId('subscribe').getByRole('button', { name: '新增订阅' }).click();
  await expect(box.getByText(`已订阅：${name}。`)).toBeVisible();
  await box.getByRole('button', { name: '测试', exact: true }).last().click();
  await expect(box.getByText('已发 1').last()).toBeVisible();
  await expect(box.getByRole('alert')).toHaveCount(0);
  await box.getByRole('button', { name: `删除订阅 ${name}` }).click();
  await page.getByRole('dialog', { name: '删除这个订阅？' }).getByRole('button', { name: '删除', exact: true }).click();
  await expect(box.getByRole('button', { name: `删除订阅 ${name}` })).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(box).toBeHidden();
  await expect(page.getByTestId('bell-count')).toBeHidden();
  expect(errors).toEqual([]);
});
