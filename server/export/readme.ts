import { departments } from '../../layers/departments.ts';
import { isPointLike } from '../../layers/ddl.ts';
import type { Layer, Sensitivity, Text } from '../../layers/define.ts';
import type { Predicate } from '../filter/predicate.ts';
import type { ExportColumn } from './columns.ts';
import { toCql2 } from '../filter/to-cql2.ts';
import { describePredicate } from './describe-predicate.ts';
import { exportFormat, type ExportFormatName } from './formats.ts';
import { shanghaiTime } from '../shanghai-time.ts';

/** What the README says of an export. */
export interface ExportFacts {
  layer: Layer;
  load: number | null;
  /** When this version became the live one. */
  publishedAt: Date | null;
  /** The instant asked for, where it was not now. */
  at: Date | undefined;
  predicate: Predicate;
  format: ExportFormatName;
  columns: readonly ExportColumn[];
  rows: number;
  unlocated: number;
  /** Texts that the format cut. */
  cut: number;
  purpose: string | null;
  madeAt: Date;
}

const SENSITIVITY: Record<Sensitivity, Text> = {
  public: {
    zh: '公开。使用时请注明来源部门与日期。',
    en: 'Public. Name the department and the date wherever you use it.',
  },
  internal: {
    zh: '内部。仅供政务网内使用，不得对外公开。',
    en: 'Internal. For use inside the government network; not to be published.',
  },
  restricted: {
    zh: '受限。仅限经授权的工作使用，不得转发或对外公开。',
    en: 'Restricted. For authorised work only; not to be passed on or published.',
  },
  personal: {
    zh: '含个人信息（已脱敏）。仅限所填用途使用，用毕删除，不得转发。下载已记入审计。',
    en: 'Personal data, masked. Only for the purpose given; delete it afterwards; not to be passed on. The download is in the audit.',
  },
};

const FORM_NOTES: Partial<Record<ExportFormatName, Text>> = {
  csv: {
    zh: '以 = + - @ 开头的文本前加了一个单引号，以免电子表格把它当作公式。',
    en: 'Texts that begin with = + - @ have an apostrophe in front, so that no spreadsheet runs them as formulas.',
  },
  xlsx: {
    zh: '超过 32767 个字符的文本被截断（电子表格的上限）。',
    en: 'Texts of more than 32,767 characters are cut, which is the most a cell holds.',
  },
  shapefile: {
    zh: '列名最多 10 个字节，对照见字段表。时间以文本保存。',
    en: 'Names of columns have at most 10 bytes; the list of fields has both. Times are kept as text.',
  },
  kml: { zh: '日期与时间以文本保存。', en: 'Days and times are kept as text.' },
};

function place(format: ExportFormatName, layer: Layer): Text {
  if (format === 'csv' || format === 'xlsx') {
    return isPointLike(layer)
      ? { zh: 'EPSG:4326，列 lon（经度）与 lat（纬度）', en: 'EPSG:4326, columns lon and lat' }
      : { zh: 'EPSG:4326，列 wkt（先经度后纬度）', en: 'EPSG:4326, column wkt, longitude first' };
  }
  return { zh: 'EPSG:4326（WGS 84，先经度后纬度）', en: 'EPSG:4326 (WGS 84), longitude first' };
}

const LABELS = {
  zh: {
    layer: '图层',
    department: '来源部门',
    source: '来源',
    version: '版本',
    filter: '筛选',
    time: '导出时间',
    rows: '行数',
    format: '格式',
    crs: '坐标系',
    sensitivity: '密级与使用',
    purpose: '用途',
    note: '说明',
    fields: '字段',
    head: '| 列名 | 字段 | 标题 | 类型 | 单位 | 脱敏 |',
  },
  en: {
    layer: 'Layer',
    department: 'Department',
    source: 'Source',
    version: 'Version',
    filter: 'Filter',
    time: 'Exported at',
    rows: 'Rows',
    format: 'Format',
    crs: 'Coordinates',
    sensitivity: 'Sensitivity and use',
    purpose: 'Purpose',
    note: 'Note',
    fields: 'Fields',
    head: '| column | field | title | type | unit | masked |',
  },
} as const;

function section(facts: ExportFacts, language: 'zh' | 'en'): string {
  const { layer, format, rows, unlocated, cut } = facts;
  const label = LABELS[language];
  const isChinese = language === 'zh';
  const version =
    facts.load === null
      ? isChinese
        ? '尚未装载'
        : 'never loaded'
      : `${isChinese ? '装载' : 'load'} ${facts.load}${facts.publishedAt === null ? '' : `, ${shanghaiTime(facts.publishedAt)}`}` +
        (facts.at === undefined
          ? ''
          : isChinese
            ? `（${shanghaiTime(facts.at)} 时有效）`
            : ` (as of ${shanghaiTime(facts.at)})`);
  const lines: [string, string][] = [
    [label.layer, `${layer.title[language]} (${layer.id})`],
    [label.department, departments[layer.department]?.title[language] ?? layer.department],
    [label.source, layer.source.url ?? layer.source.file],
    [label.version, version],
    [label.filter, describePredicate(facts.predicate, layer, language)],
    ['CQL2', toCql2(facts.predicate) ?? '–'],
    [label.time, `${shanghaiTime(facts.madeAt)} (Asia/Shanghai)`],
    [
      label.rows,
      `${rows}${unlocated > 0 ? (isChinese ? `，其中无位置 ${unlocated}` : `, ${unlocated} of them without a place`) : ''}`,
    ],
    [label.format, exportFormat(format).title[language]],
    [label.crs, place(format, layer)[language]],
    [label.sensitivity, SENSITIVITY[layer.sensitivity][language]],
  ];
  if (facts.purpose !== null) lines.push([label.purpose, facts.purpose]);
  const note = FORM_NOTES[format];
  if (note !== undefined) lines.push([label.note, note[language]]);
  if (cut > 0) {
    const text = isChinese ? `${cut} 个文本超过 254 字节，已被截断` : `${cut} texts of more than 254 bytes were cut`;
    lines.push([label.note, text]);
  }
  const table = facts.columns.map(
    ({ as, name, title, type, unit, mask }) =>
      `| ${as} | ${name} | ${title[language]} | ${type} | ${unit ?? ''} | ${mask === undefined ? '' : isChinese ? '是' : 'yes'} |`,
  );
  return [
    `# ${layer.title[language]}`,
    '',
    ...lines.map(([name, text]) => `- **${name}**: ${text.replaceAll(/\s*\n\s*/g, ' ')}`),
    '',
    `## ${label.fields}`,
    '',
    label.head,
    '| --- | --- | --- | --- | --- | --- |',
    ...table,
  ].join('\n');
}

/** The text that goes with every export, in both languages. */
export function readmeOf(facts: ExportFacts): string {
  return `${section(facts, 'zh')}\n\n---\n\n${section(facts, 'en')}\n`;
}
