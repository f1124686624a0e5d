import type { Fault } from './field-reader.ts';
import { bilingual } from './field-reader.ts';
import type { ActiveChecks } from './active-checks.ts';
import type { RejectCode } from './codes.ts';

const FOOTER =
  /^[\s"'（(]*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*数|制\s*表|填\s*表|审\s*核|复\s*核|单位负责人|统计负责人|数据来源|资料来源|資料提供|资料提供|数据截止|打印时间|导出时间|备注|说明|注|total|sum|grand total)(?:[\s:：,，、0-9]|人|日期|$)/iu;

/** Rows of a table that are no data, and rows in which everything is wrong for one reason. */
export class RowDiagnosis {
  private readonly header: readonly string[];
  private readonly checks: ActiveChecks;
  private readonly passes: (record: readonly unknown[], shift: number) => number;

  /** @param passes how many fields accept their value when the values stand `shift` columns further on, of those that have one */
  constructor(
    header: readonly string[],
    checks: ActiveChecks,
    passes: (record: readonly unknown[], shift: number) => number,
  ) {
    this.header = header;
    this.checks = checks;
    this.passes = passes;
  }

  /** What is really wrong with a row that was refused; null when it is what was found first. */
  of(record: readonly unknown[]): Fault | null {
    const cells = record.map((cell) => (cell === null || cell === undefined ? '' : String(cell).trim()));
    const filled = cells.filter((cell) => cell !== '');
    if (filled.length === 0) return this.fault('EMPTY_ROW', '', '整行没有值', 'no cell has a value');
    const [first] = filled;
    if (filled.length <= Math.max(3, cells.length / 2) && FOOTER.test(first as string)) {
      return this.fault('FOOTER_ROW', filled.join(' '), '不是数据行', 'this is no row of data');
    }
    const repeated = cells.filter((cell, i) => cell !== '' && cell === this.header[i]?.trim()).length;
    if (repeated >= 2 && repeated >= filled.length * 0.6) {
      return this.fault(
        'REPEATED_HEADER',
        cells.join(','),
        '几个文件首尾相接时常见',
        'as when files were put one behind the other',
      );
    }
    if (record.length < this.header.length) return null;
    return this.shifted(record, cells);
  }

  /** One value was left out or is one too many: from there on each stands in its neighbour's column. */
  private shifted(record: readonly unknown[], cells: readonly string[]): Fault | null {
    if (!this.checks.has('SHIFTED_COLUMNS')) return null;
    const right = this.passes(record, 0);
    for (const shift of [1, -1]) {
      if (this.passes(record, shift) < Math.max(right + 3, 4)) continue;
      const where = shift > 0 ? ['右', 'right'] : ['左', 'left'];
      return this.fault(
        'SHIFTED_COLUMNS',
        cells.join(','),
        `各值整体${where[0]}移一列`,
        `all values stand one column to the ${where[1]}`,
      );
    }
    return null;
  }

  private fault(code: RejectCode, value: string, zh: string, en: string): Fault | null {
    if (!this.checks.has(code)) return null;
    return { code, field: null, value: value.slice(0, 200), message: bilingual(zh, en) };
  }
}
