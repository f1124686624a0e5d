import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import type { LoadProgress, Step } from './load-run.ts';
import type { LoadReport } from './report.ts';
import { codeTitle } from './write-report.ts';

const STEPS: Record<Step, { title: string; from: number; to: number }> = {
  fetch: { title: '读取 fetch', from: 0, to: 0.03 },
  detect: { title: '识别 detect', from: 0.03, to: 0.06 },
  load: { title: '检查 check', from: 0.06, to: 0.7 },
  repair: { title: '修复 repair', from: 0.7, to: 0.74 },
  index: { title: '索引 index', from: 0.74, to: 0.97 },
  publish: { title: '发布 publish', from: 0.97, to: 1 },
};

/** Progress bars on a terminal; nothing when the output is a file or a pipe. */
export class ProgressBars {
  private readonly bars: MultiBar | null;
  private current: { layer: string; bar: SingleBar } | null = null;

  constructor(isEnabled: boolean) {
    this.bars = isEnabled
      ? new MultiBar(
          {
            format: '{layer} [{bar}] {percentage}% {step} {rows} 行 rows',
            hideCursor: true,
            clearOnComplete: false,
            fps: 8,
            barsize: 28,
          },
          Presets.shades_grey,
        )
      : null;
  }

  update(progress: LoadProgress): void {
    if (!this.bars) return;
    const payload = { layer: progress.layer.padEnd(24), step: STEPS[progress.step].title, rows: progress.rows };
    if (this.current?.layer !== progress.layer)
      this.current = { layer: progress.layer, bar: this.bars.create(100, 0, payload) };
    const { from, to } = STEPS[progress.step];
    this.current.bar.update(Math.round((from + (to - from) * Math.min(1, progress.share)) * 100), payload);
  }

  stop(): void {
    this.bars?.stop();
  }
}

const STATES = { published: '已发布 published', unchanged: '未变化 unchanged' };

/** A table of what was loaded, for a terminal or a log. */
export function summaryTable(reports: readonly LoadReport[]): string {
  const table = new Table({
    head: [
      '图层 layer',
      '状态 status',
      '输入 in',
      '接收 accepted',
      '修复 repaired',
      '隔离 set aside',
      '无位置 unlocated',
      '秒 s',
      '行/秒 rows/s',
    ],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { layer, status, error, rows, seconds, rowsPerSecond } of reports) {
    const state = status === 'failed' ? `失败 ${error?.code ?? ''}` : STATES[status];
    table.push([
      layer,
      state,
      rows.in,
      rows.accepted,
      rows.repaired,
      rows.quarantined,
      rows.unlocated,
      seconds.toFixed(2),
      rowsPerSecond,
    ]);
  }
  return table.toString();
}

/** What went wrong, in both languages. */
export function errorLines(layer: string, code: string, text: { zh: string; en: string }): string {
  return [`✗ ${layer} ${code} ${codeTitle(code)}`, `  ${text.zh}`, `  ${text.en}`].join('\n');
}
