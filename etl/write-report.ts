import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Text } from '../layers/define.ts';
import { fileCodes, rejectCodes, repairCodes } from './checks/codes.ts';
import type { LinkRate, LoadReport } from './report.ts';

/** Writes `<load>.json` and `<load>.md` into a folder. */
export async function writeReport(report: LoadReport, dir: string): Promise<void> {
  if (report.load === null) return;
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, `${report.load}.json`), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(dir, `${report.load}.md`), reportMarkdown(report));
}

/** Reports of older loads say less. */
type StoredLink = Omit<LinkRate, 'refused' | 'kind'> & Partial<LinkRate>;

const STATES = { published: '已发布 published', failed: '失败 failed', unchanged: '未变化 unchanged' };

/** A report for people, Chinese and English side by side. */
export function reportMarkdown(report: LoadReport): string {
  const { rows } = report;
  const lines = [
    `# ${report.title.zh} / ${report.title.en} (${report.layer})`,
    '',
    `- 装载 Load: ${report.load ?? '—'}, ${STATES[report.status]}, ${report.finishedAt}`,
  ];
  if (report.error)
    lines.push(
      `- **${report.error.code} ${codeTitle(report.error.code)}**`,
      `  - ${report.error.text.zh}`,
      `  - ${report.error.text.en}`,
    );
  if (report.file)
    lines.push(`- 文件 File: \`${report.file.path}\`, ${report.file.bytes} bytes, SHA-256 \`${report.file.sha256}\``);
  if (report.format) lines.push(`- 格式 Format: ${report.format}`);
  if (report.encoding)
    lines.push(
      `- 编码 Encoding: ${report.encoding.name} (${percent(report.encoding.confidence)}: ${report.encoding.reasons.join('; ')})`,
    );
  if (report.crs) {
    lines.push(`- 坐标系 CRS: ${report.crs.name} (${percent(report.crs.confidence)})`);
    for (const reason of report.crs.reasons) lines.push(`  - ${reason.zh} / ${reason.en}`);
  }
  lines.push(
    '',
    '| 输入 in | 接收 accepted | 修复 repaired | 隔离 set aside | 无位置 unlocated | 秒 s | 行/秒 rows/s |',
    '|---:|---:|---:|---:|---:|---:|---:|',
    `| ${rows.in} | ${rows.accepted} | ${rows.repaired} | ${rows.quarantined} | ${rows.unlocated} | ${report.seconds} | ${report.rowsPerSecond} |`,
  );
  if (report.rejects.length > 0) {
    lines.push('', '## 隔离的行 Rows set aside', '', '| 代码 code | 行数 rows | 例 examples |', '|---|---:|---|');
    for (const { code, count, examples } of report.rejects) {
      const shown = examples
        .map(({ line, field, value }) => `${line ?? '—'}: ${field ?? ''} ${cell(value)}`)
        .join('<br>');
      lines.push(`| ${code} ${both(rejectCodes[code])} | ${count} | ${shown} |`);
    }
  }
  if (report.repairs.length > 0) {
    lines.push('', '## 修复 Repairs', '');
    for (const { code, count } of report.repairs) lines.push(`- ${code} ${both(repairCodes[code])}: ${count}`);
  }
  // Reports of older loads have none.
  const links = (report as Partial<LoadReport>).links ?? [];
  if (links.length > 0) {
    lines.push(
      '',
      '## 关联 Links',
      '',
      '| 依据 by | 到 to | 匹配 matched | 匹配率 rate | 无值 empty | 无此对象 dead | 隔离 set aside |',
      '|---|---|---:|---:|---:|---:|---:|',
    );
    for (const { by, to, matched, empty, dead, refused = 0, reasons } of links as StoredLink[]) {
      const all = matched + empty + dead + refused;
      const rate = all === 0 ? '—' : `${((matched / all) * 100).toFixed(1)} %`;
      const why =
        reasons === undefined
          ? ''
          : ` (未知 unknown ${reasons.unknown}, 仅到路或村居 rough ${reasons.rough}, 多栋 several ${reasons.several})`;
      lines.push(`| ${by} | ${to} | ${matched} | ${rate} | ${empty} | ${dead}${why} | ${refused} |`);
    }
  }
  if (report.series) {
    const { series } = report;
    lines.push(
      '',
      '## 读数 Readings over time',
      '',
      `- 装载 Load: ${series.load ?? '—'}, ${STATES[series.status]}, ${series.seconds} s`,
      `- 输入 in ${series.rows.in}, 接收 accepted ${series.rows.accepted}, 隔离 set aside ${series.rows.quarantined}`,
      ...(series.from === null ? [] : [`- ${series.from} – ${series.to}`]),
      ...series.rejects.map(({ code, count }) => `- ${code} ${both(rejectCodes[code])}: ${count}`),
      ...(series.error ? [`- **${series.error.code}** ${series.error.text.zh} ${series.error.text.en}`] : []),
    );
  }
  if (report.notes.length > 0) lines.push('', '## 说明 Notes', '', ...report.notes.map((note) => `- ${note}`));
  lines.push('', '## 用时 Time', '', ...report.steps.map(({ step, seconds }) => `- ${step}: ${seconds} s`), '');
  return lines.join('\n');
}

/** Title of a file-level code in both languages. */
export function codeTitle(code: string): string {
  return code in fileCodes ? both(fileCodes[code as keyof typeof fileCodes]) : '';
}

function both(text: Text): string {
  return `${text.zh} ${text.en}`;
}

function cell(value: string | null): string {
  return (value ?? '').slice(0, 60).replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
