import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, waitForMap } from './support/screen.ts';

const VIEWS = ['wall', 'plan', 'lead', 'data'] as const;

for (const view of VIEWS) {
  test.describe(view, () => {
    test('asks nothing of other machines', async ({ page, foreign, errors }) => {
      await page.goto(`/${view}`);
      if (view !== 'lead') await waitForMap(page);
      else await expect(page.getByTestId('card-open')).toContainText(/\d/);
      await page.waitForLoadState('load');
      expect(foreign).toEqual([]);
      expect(errors).toEqual([]);
    });

    for (const lang of ['zh', 'en']) {
      test(`has no violation of WCAG A and AA (${lang})`, async ({ page }) => {
        await page.setViewportSize({ width: 1280, height: 720 });
        await page.goto(`/${view}?lang=${lang}`);
        await expect(page.locator('main')).toBeVisible();
        if (view === 'lead') await expect(page.locator('.om-league tbody tr')).toHaveCount(4);
        else await waitForMap(page);
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
          .exclude('.maplibregl-canvas-container')
          .analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
      });
    }

    test('switches to English and back, with nothing Chinese left in the frame', async ({ page }) => {
      await page.setViewportSize({ width: 1280, height: 720 });
      await page.goto(`/${view}`);
      await page.getByRole('button', { name: '切换到英文' }).click();
      await expect(page).toHaveURL(/lang=en/);
      await expect(page.locator('html')).toHaveAttribute('lang', 'en');
      const headings = await page.locator('h1, h2, nav a').allTextContents();
      expect(headings.length).toBeGreaterThan(3);
      expect(headings.filter((text) => /\p{Script=Han}/u.test(text))).toEqual([]);
      await page.reload();
      await expect(page.locator('html')).toHaveAttribute('lang', 'en');
      await page.getByRole('button', { name: 'Switch to Chinese' }).click();
      await expect(page).not.toHaveURL(/lang=/);
    });

    test('can be used on a telephone: nothing wider than the screen', async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(`/${view}`);
      await expect(page.locator('main')).toBeVisible();
      await expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth))
        .toBe(0);
    });

    test('is reached by keyboard alone: skip link, views, and the focus is seen', async ({ page }) => {
      await page.goto(`/${view}`);
      await expect(page.locator('main')).toBeVisible();
      await page.keyboard.press('Tab');
      await expect(page.getByRole('link', { name: '跳到主要内容' })).toBeFocused();
      const links = page.getByRole('navigation', { name: '视图' }).first().getByRole('link');
      for (
        let step = 0;
        step < 12 && !(await links.first().evaluate((link) => link === document.activeElement));
        step += 1
      ) {
        await page.keyboard.press('Tab');
      }
      await expect(links.first()).toBeFocused();
      const outline = await links.first().evaluate((link) => getComputedStyle(link).outlineStyle);
      expect(outline).not.toBe('none');
    });
  });
}

test('an address that does not exist is no view', async ({ page }) => {
  const response = await page.goto('/no-such-view');
  expect(response?.status()).toBe(404);
});
