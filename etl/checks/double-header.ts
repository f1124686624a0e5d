import type { Layer } from '../../layers/define.ts';

/** Endings of Chinese column names, traditional and simplified. */
const NAME_ENDING =
  /(名|名稱|名称|編碼|编码|代碼|代码|編號|编号|號|号|日期|時間|时间|地址|經度|经度|緯度|纬度|類型|类型|類別|类别|狀態|状态|數|数|面積|面积|備註|备注)$/;

/**
 * True when the first record under the header is a header as well: a department that writes names for machines on one
 * line and for people on the next.
 * @param rows the records that follow the header
 */
export function hasSecondHeader(
  header: readonly string[],
  rows: readonly (readonly unknown[])[],
  layer?: Layer,
): boolean {
  const second = rows[0];
  if (!second || second.length !== header.length || second.length < 2) return false;
  const cells = second.map((cell) => (typeof cell === 'string' ? cell.trim() : ''));
  if (cells.some((cell) => cell === '') || new Set(cells).size !== cells.length) return false;
  if (layer) {
    const names = new Set(
      Object.entries(layer.fields).flatMap(([id, field]) => [
        id,
        field.title.zh,
        field.title.en,
        layer.source.columns?.[id] ?? id,
      ]),
    );
    if (cells.filter((cell) => names.has(cell)).length >= Math.max(2, cells.length / 2)) return true;
  }
  const isMachineHeader = header.every((name) => /^[\p{Script=Latin}_][\w .()-]*$/u.test(name.trim()));
  const isChineseRow = cells.every((cell) => /\p{Script=Han}/u.test(cell) && !/\d/.test(cell));
  if (!isMachineHeader || !isChineseRow || !cells.some((cell) => NAME_ENDING.test(cell))) return false;
  // Column names do not turn up again as values.
  return !rows.slice(1, 1000).some((row) => row.some((cell, i) => cell === cells[i]));
}
