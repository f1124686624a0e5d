import { test as base, type Page } from '@playwright/test';
import { PNG } from 'pngjs';

/** Every page of these tests sees this machine only; whatever else is asked for is refused and counted. */
export const test = base.extend<{ foreign: string[]; errors: string[] }>({
  foreign: [
    async ({ page }, use) => {
      const foreign: string[] = [];
      await page.route('**/*', (route) => {
        const url = new URL(route.request().url());
        if (url.hostname === '127.0.0.1' || url.protocol === 'data:' || url.protocol === 'blob:')
          return route.continue();
        foreign.push(url.href);
        return route.abort();
      });
      await use(foreign);
    },
    { auto: true },
  ],
  errors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await use(errors);
    },
    { auto: true },
  ],
});
export { expect } from '@playwright/test';

/** Waits until the map has drawn its tiles and both overlays exist. */
export async function waitForMap(page: Page): Promise<void> {
  await page.waitForFunction(() => window.oneMap?.map.areTilesLoaded() && window.oneMap.map.isStyleLoaded(), null, {
    timeout: 90_000,
  });
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const { map } = window.oneMap!;
        map.once('render', () => requestAnimationFrame(() => resolve()));
        map.triggerRepaint();
      }),
  );
}

/** Picture of an element. */
export async function picture(page: Page, selector: string): Promise<PNG> {
  return PNG.sync.read(await page.locator(selector).screenshot());
}

/** Share of pixels within `tolerance` of a colour on each channel. */
export function shareOf(png: PNG, hex: string, tolerance = 14): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const wanted = [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  let hits = 0;
  for (let at = 0; at < png.data.length; at += 4) {
    if (wanted.every((channel, index) => Math.abs((png.data[at + index] ?? 0) - channel) <= tolerance)) hits += 1;
  }
  return hits / (png.data.length / 4);
}

/** Colours of a picture, counted in steps of 16. */
export function countColors(png: PNG): number {
  const seen = new Set<number>();
  for (let at = 0; at < png.data.length; at += 4) {
    const [r = 0, g = 0, b = 0] = [png.data[at], png.data[at + 1], png.data[at + 2]];
    seen.add(((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4));
  }
  return seen.size;
}

let serial = 0;

/** Reports an incident at a place as a reporting system would. Returns its title. */
export async function report(
  page: Page,
  at: { lon: number; lat: number },
  change: object = {},
): Promise<{ title: string; id: number }> {
  serial += 1;
  const title = `测试事件 ${Date.now()}-${serial}`;
  const response = await page.request.post('/api/incidents', {
    data: {
      key: `e2e-${Date.now()}-${serial}`,
      source: 'e2e',
      category: '06010',
      title,
      severity: 1,
      ...at,
      occurredAt: new Date().toISOString(),
      ...change,
    },
  });
  if (response.status() !== 201) throw new Error(`report: ${response.status()} ${await response.text()}`);
  const { id } = (await response.json()) as { id: number };
  return { title, id };
}

/** A place inside the district: in the middle of its densest town. */
export const PLACE = { lon: 113.105, lat: 23.03 };
