import { setTimeout as pause } from 'node:timers/promises';
import type { ScenarioId } from './scenarios.ts';

/** Rules by which what sensors say in a scenario becomes alarms and incidents. In the form that the API takes. */
export const scenarioRules: Record<
  ScenarioId,
  readonly ({ name: { zh: string; en: string }; watch: { of: 'sensors'; layer: string; metric: string } } & Record<
    string,
    unknown
  >)[]
> = {
  normal: [],
  storm: [
    {
      kind: 'threshold',
      name: { zh: '演示：道路积水', en: 'Demo: water in the street' },
      title: { zh: '{name} 积水 {value} 厘米', en: '{name}: {value} cm of water' },
      severity: 2,
      watch: { of: 'sensors', layer: 'waterlogging_sensor', metric: 'depth_cm' },
      is: 'above',
      limit: 15,
      clear: 8,
      opens: { category: 'Z0902', severity: 2 },
    },
    {
      kind: 'threshold',
      name: { zh: '演示：短时强降雨', en: 'Demo: heavy rain' },
      title: { zh: '{name} 5 分钟雨量 {value} 毫米', en: '{name}: {value} mm of rain in 5 minutes' },
      severity: 3,
      watch: { of: 'sensors', layer: 'rain_gauge', metric: 'rain_5min_mm' },
      is: 'above',
      limit: 8,
      clear: 3,
    },
    {
      kind: 'rate',
      name: { zh: '演示：河道水位上涨', en: 'Demo: rising river' },
      title: { zh: '{name} 水位上涨过快', en: '{name} rises fast' },
      severity: 3,
      watch: { of: 'sensors', layer: 'water_level_station', metric: 'level_m' },
      is: 'rise',
      by: 0.5,
      within: 600,
      clear: 0.1,
    },
  ],
  festival: [
    {
      kind: 'threshold',
      name: { zh: '演示：噪声超限', en: 'Demo: noise' },
      title: { zh: '{name} 噪声 {value} 分贝', en: '{name}: {value} dB(A)' },
      severity: 4,
      watch: { of: 'sensors', layer: 'noise_station', metric: 'leq_db' },
      is: 'above',
      limit: 70,
      clear: 65,
      opens: { category: '09010', severity: 4 },
    },
  ],
};

/** Layers may still be loading: what cannot be saved now is tried again. */
const AGAIN_MS = 30_000;

/** Tries until the rules of a scenario run. Who may not write rules simulates without them. */
export async function keepRulesOn(
  url: string,
  headers: Record<string, string>,
  scenario: ScenarioId,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const missing = await switchOnRules(url, headers, scenario).catch((error: unknown) => [String(error)]);
    if (missing.length === 0) return;
    console.warn(missing.join('\n'));
    await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Sees to it that the rules of a scenario run: those that are not there by name are saved, back-tested over the last hour and switched on,
 * as anybody would.
 * @returns what the service said to those that do not run
 */
export async function switchOnRules(
  url: string,
  headers: Record<string, string>,
  scenario: ScenarioId,
): Promise<string[]> {
  const wanted = scenarioRules[scenario];
  if (wanted.length === 0) return [];
  const missing: string[] = [];
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  interface Known {
    id: number;
    running: object | null;
    rule: { name: { zh: string } };
  }
  const { rules } = await ask<{ rules: Known[] }>('GET', '/api/rules');
  for (const rule of wanted) {
    try {
      let known = rules.find((each) => each.rule.name.zh === rule.name.zh);
      if (known?.running) continue;
      if (known === undefined) {
        // A rule watches the sensors that are known when it is saved.
        const { sensors } = await ask<{ sensors: object[] }>('GET', `/api/sensors?layer=${rule.watch.layer}&limit=1`);
        if (sensors.length === 0) throw new Error(`${rule.watch.layer} has no sensors yet`);
        known = await ask<Known>('POST', '/api/rules', { rule, reason: '演示场景' });
      }
      const to = new Date();
      const from = new Date(to.getTime() - 3_600_000);
      await ask('POST', '/api/rules/backtest', { id: known.id, from: from.toISOString(), to: to.toISOString() });
      await ask('POST', `/api/rules/${known.id}/enable`, { reason: '演示场景' });
    } catch (error) {
      missing.push(`${rule.name.zh}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return missing;
}
