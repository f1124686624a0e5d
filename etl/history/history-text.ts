import Table from 'cli-table3';
import type { KeptVersion } from './list-history.ts';
import type { PrunedVersion } from './prune.ts';

/** The versions as a table for the terminal. */
export function historyTableText(versions: readonly KeptVersion[]): string {
  const table = new Table({ head: ['图层 layer', '装载 load', '起 from', '止 to', '行 rows', 'MB'] });
  for (const { layer, load, validFrom, validTo, rows, bytes } of versions) {
    table.push([layer, load, when(validFrom), validTo === null ? '现行 live' : when(validTo), rows, megabytes(bytes)]);
  }
  return `${table.toString()}\n`;
}

/** What a prune removed, or would remove. */
export function prunedTableText(pruned: readonly PrunedVersion[], dryRun: boolean): string {
  const bytes = pruned.reduce((sum, version) => sum + version.bytes, 0);
  const what = dryRun ? '将删除 would remove' : '已删除 removed';
  const lines = pruned.map(
    ({ layer, load, validFrom, validTo }) => `  ${layer} ${load}  ${when(validFrom)} – ${when(validTo)}`,
  );
  return `${[`${what}: ${pruned.length} 个版本 versions, ${megabytes(bytes)} MB`, ...lines].join('\n')}\n`;
}

/** In Asia/Shanghai, to the minute. */
function when(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
