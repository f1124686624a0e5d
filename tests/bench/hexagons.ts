import { countHexagons } from '../../server/aggregate/count.ts';
import { createColumnStore } from '../../server/aggregate/column-store.ts';
import { createLocalFiller } from '../../server/aggregate/filler.ts';
import { getLayer } from '../../layers/index.ts';
import type { Database } from '../../server/db/connect.ts';
import { parseFilter } from '../../server/filter/parse.ts';
import { listLayerStates } from '../../server/queries/layer-state.ts';
import { sqlHexagons } from '../../server/queries/counts.ts';
import { alternate, type Comparison, median, timed } from './measure.ts';

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** An arbitrary filter that no index answers. */
const FILTER = {
  and: [
    { field: 'sex', op: '=', value: 'F' },
    { field: 'birth_date', op: '<=', value: '1966-11-01' },
    { field: 'residence_kind', op: 'in', value: ['registered', 'resident'] },
  ],
};

/**
 * Hexagon counts of the person layer at resolution 9: the column store against the plain SQL GROUP BY over the same
 * rows, until the groups are in the process. The groups of both are compared first.
 */
export async function benchHexagons(
  db: Database,
  runs: number,
): Promise<{ comparisons: Comparison[]; notes: string[] }> {
  const layer = getLayer('person');
  const state = (await listLayerStates(db.sql)).find(({ layerId }) => layerId === layer.id);
  if (!state) throw new Error('the person layer is not loaded');
  const store = createColumnStore(createLocalFiller(db.sql));
  let table: Awaited<ReturnType<typeof store.table>> = null;
  const fill = await timed(async () => {
    table = await store.table(layer, { load: state.loadId, rows: state.rows });
  });
  if (table === null) throw new Error('the column store did not take the layer');
  const ready: NonNullable<typeof table> = table;
  const comparisons: Comparison[] = [];
  for (const [label, text] of [
    ['three conditions', JSON.stringify(FILTER)],
    ['no filter', undefined],
  ] as const) {
    const predicate = parseFilter(text, layer);
    const [a, b] = [countHexagons(ready, predicate, 9), await sqlHexagons(db.sql, layer, predicate, 9)];
    if (a.groups.length !== b.groups.length || total(a.counts) !== total(b.counts) || a.outside !== b.outside) {
      throw new Error(`the column store and SQL disagree: ${a.groups.length} and ${b.groups.length} cells`);
    }
    const times = await alternate(
      runs,
      async () => countHexagons(ready, predicate, 9),
      () => sqlHexagons(db.sql, layer, predicate, 9),
    );
    const [ours, reference] = [median(times.a), median(times.b)];
    comparisons.push({
      name: `hexagons res 9, ${state.rows.toLocaleString('en')} persons, ${label} (SQL GROUP BY)`,
      ours: `${ours.toFixed(1)} ms`,
      reference: `${reference.toFixed(1)} ms`,
      ratio: reference / ours,
      target: '≥ 10× at 1.3 M rows',
    });
  }
  const { bytes, rows } = store.usage();
  return {
    comparisons,
    notes: [
      `column store: ${(bytes / 1e6).toFixed(1)} MB for ${rows.toLocaleString('en')} rows, filled in ${(fill / 1000).toFixed(1)} s`,
    ],
  };
}
