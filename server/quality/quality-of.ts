import { departments } from '../../layers/departments.ts';
import type { Layer, Text } from '../../layers/define.ts';
import type { Quality } from '../contract/quality.ts';
import { measureFill, listLiveLoads, type LiveLoad } from '../queries/quality.ts';
import { listCodeTitles, listLastAttempts } from '../queries/loads.ts';
import type { Sql } from '../db/connect.ts';
import { criteria, findings, scoreOf } from './criteria.ts';
import { freshnessOf } from './freshness.ts';

/** What is no code of the loader: an error of its own, and a load that was cut off. */
const OTHER_TITLES: Readonly<Record<string, Text>> = {
  INTERNAL: { zh: '内部错误', en: 'internal error' },
  INTERRUPTED: { zh: '被中断', en: 'interrupted' },
};

/** Title of a code; the code itself where nobody has explained it. */
export function titleOf(titles: ReadonlyMap<string, Text>, code: string): Text {
  return titles.get(code) ?? OTHER_TITLES[code] ?? { zh: code, en: code };
}

/** `CODE: what happened` -> `CODE`. The next load notes one that was cut off as `interrupted`. */
export function errorCode(error: string): string {
  if (error === 'interrupted') return 'INTERRUPTED';
  return /^([A-Z_]+)(:|$)/.exec(error)?.[1] ?? 'INTERNAL';
}

/** Counts what is still uncounted, one layer after the other, until the time is up. Returns how many are left. */
async function measure(
  sql: Sql,
  layers: readonly Layer[],
  live: readonly LiveLoad[],
  budgetMs: number,
): Promise<number> {
  const until = performance.now() + budgetMs;
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  let left = 0;
  for (const { layer: id, load, cells } of live) {
    const layer = byId.get(id);
    if (cells !== null || layer === undefined) continue;
    if (performance.now() > until) left += 1;
    else await measureFill(sql, layer, load);
  }
  return left;
}

/**
 * The quality of these layers and of the departments they belong to. The cells of a new load are counted when somebody
 * first asks, for `budgetMs` at most: a district of millions of rows is not counted while people wait.
 */
export async function qualityOf(
  sql: Sql,
  layers: readonly Layer[],
  now: number = Date.now(),
  budgetMs = 1500,
): Promise<Quality> {
  const first = await listLiveLoads(sql);
  const pending = await measure(sql, layers, first, budgetMs);
  const isCounted = first.some(({ cells }) => cells === null);
  const [live, attempts, titles] = await Promise.all([
    isCounted ? listLiveLoads(sql) : first,
    listLastAttempts(sql),
    listCodeTitles(sql),
  ]);
  const liveOf = new Map(live.map((load) => [load.layer, load]));
  const attemptOf = new Map(attempts.map((attempt) => [attempt.layer, attempt]));

  const scored = layers.map((layer): Quality['layers'][number] => {
    const load = liveOf.get(layer.id);
    const attempt = attemptOf.get(layer.id);
    const code = attempt?.status === 'failed' ? errorCode(attempt.error ?? '') : null;
    const failed = attempt && code !== null ? { load: attempt.load, code, title: titleOf(titles, code) } : null;
    const base = { id: layer.id, title: layer.title, department: layer.department, failed };
    if (load === undefined) {
      return { ...base, score: 0, freshness: 'never', load: null, publishedAt: null, rows: null, values: [] };
    }
    const rows = {
      in: load.rowsIn,
      accepted: load.accepted,
      repaired: load.repaired,
      quarantined: load.quarantined,
      unlocated: load.unlocated,
    };
    const measured = {
      rows,
      publishedAt: load.confirmedAt,
      crs: load.crs === null ? null : { name: load.crs, confidence: load.crsConfidence ?? 0 },
      before: load.before,
      fill: load.cells === null || load.filled === null ? null : { cells: load.cells, filled: load.filled },
    };
    const values = findings(measured, layer, now);
    return {
      ...base,
      score: scoreOf(values),
      freshness: freshnessOf(layer, load.confirmedAt, now),
      load: load.load,
      publishedAt: load.publishedAt.toISOString(),
      rows,
      values,
    };
  });

  const ids = [...new Set([...Object.keys(departments), ...layers.map(({ department }) => department)])];
  return {
    score: scored.length === 0 ? null : mean(scored.map(({ score }) => score)),
    criteria: criteria.map(({ id, title, weight, rule }) => ({ id, title, weight, rule })),
    pending,
    departments: ids.flatMap((id) => {
      const own = scored.filter(({ department }) => department === id);
      if (own.length === 0) return [];
      return {
        id,
        title: departments[id]?.title ?? { zh: id, en: id },
        score: mean(own.map(({ score }) => score)),
        layers: own.length,
        loaded: own.filter(({ load }) => load !== null).length,
        stale: own.filter(({ freshness }) => freshness === 'stale').length,
        failed: own.filter(({ failed }) => failed !== null).length,
        quarantined: own.reduce((sum, { rows }) => sum + (rows?.quarantined ?? 0), 0),
      };
    }),
    layers: scored,
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
