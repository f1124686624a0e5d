import type { Batch, RecordSource } from './source.ts';

/** True when sources can be read as one: same format, reference system and columns, in whatever order. */
export function areAlike(sources: readonly RecordSource[]): boolean {
  const [first] = sources;
  if (!first) return false;
  const columns = new Set(first.columns);
  return sources.every(
    (source) =>
      source.format === first.format &&
      source.hasGeometry === first.hasGeometry &&
      source.crs?.crs === first.crs?.crs &&
      source.columns.length === columns.size &&
      source.columns.every((name) => columns.has(name)),
  );
}

/** Reads alike sources one after the other. Records are numbered through, because their lines would repeat. */
export function concatenate(sources: readonly RecordSource[]): RecordSource {
  const first = sources[0] as RecordSource;
  let done = 0;
  async function* batches(): AsyncGenerator<Batch> {
    let number = 0;
    for (const source of sources) {
      const order = first.columns.map((name) => source.columns.indexOf(name));
      const isSameOrder = order.every((index, i) => index === i);
      for await (const batch of source.batches()) {
        const rows = isSameOrder
          ? batch.rows
          : batch.rows.map((row) => (row.length === order.length ? order.map((index) => row[index]) : row));
        yield { ...batch, rows, lines: rows.map(() => (number += 1)) };
      }
      done += 1;
    }
  }
  return {
    ...first,
    notes: [...new Set(sources.flatMap(({ notes }) => notes))],
    batches,
    progress: () => Math.min(1, (done + (sources[done]?.progress() ?? 0)) / sources.length),
    close: async () => {
      for (const source of sources) await source.close();
    },
  };
}
