import type { FullConfig } from '@playwright/test';
import type { Status } from '../../server/app.ts';

const NEEDED = ['governance_grid', 'community_boundary', 'town_boundary', 'building_footprint', 'person', 'enterprise'];
const PATIENCE_MS = 600_000;

/** Waits until the demo district is loaded: the tests look at a whole one. */
export default async function waitForDistrict(config: FullConfig): Promise<void> {
  const base = config.projects[0]?.use.baseURL ?? '';
  const started = Date.now();
  for (;;) {
    const [status, layers] = await Promise.all([
      fetch(`${base}/api/status`).then((response) => response.json() as Promise<Status>),
      fetch(`${base}/api/layers`).then(
        (response) => response.json() as Promise<{ layers: { id: string; load: unknown }[] }>,
      ),
    ]).catch(() => [null, null] as const);
    const missing = NEEDED.filter((id) => !layers?.layers?.some((layer) => layer.id === id && layer.load !== null));
    if (status && !status.loading && missing.length === 0) return;
    if (Date.now() - started > PATIENCE_MS) {
      throw new Error(`the demo district is not loaded after ${PATIENCE_MS / 1000} s; missing: ${missing.join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
