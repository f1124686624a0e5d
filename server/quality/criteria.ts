/**
 * What makes a load good: each criterion once, with its weight, its rule and the sentence that says what was found. Pure, so
 * that every number of the data desk can be worked out again by hand.
 */
import type { Layer, Text } from '../../layers/define.ts';
import type { CRITERIA } from '../contract/quality.ts';
import { ageInLimits } from './freshness.ts';

export type CriterionId = (typeof CRITERIA)[number];

/** What is known of the live load of a layer. */
export interface Measured {
  rows: { in: number; accepted: number; repaired: number; quarantined: number; unlocated: number };
  publishedAt: Date;
  crs: { name: string; confidence: number } | null;
  /** Rows accepted by the load before; null when there was none. */
  before: number | null;
  /** Cells of the table and those that are filled; null until they are counted. */
  fill: { cells: number; filled: number } | null;
}

export interface Finding {
  /** 0..1, or null where the criterion does not apply. */
  value: number | null;
  reason: Text;
}

interface Criterion {
  id: CriterionId;
  title: Text;
  weight: number;
  rule: Text;
  find(measured: Measured, layer: Layer, now: number): Finding;
}

/** `12,345`: the same in both languages. */
const count = (value: number): string => value.toLocaleString('en-US');

const NOTHING_IN: Finding = { value: null, reason: { zh: '没有行', en: 'there are no rows' } };

export const criteria: readonly Criterion[] = [
  {
    id: 'accepted',
    title: { zh: '接收率', en: 'Accepted' },
    weight: 25,
    rule: { zh: '接收行数 ÷ 送来行数', en: 'rows accepted ÷ rows handed in' },
    find: ({ rows }) =>
      rows.in === 0
        ? NOTHING_IN
        : {
            value: rows.accepted / rows.in,
            reason: {
              zh: `送来 ${count(rows.in)} 行，接收 ${count(rows.accepted)} 行，隔离 ${count(rows.quarantined)} 行`,
              en: `${count(rows.accepted)} of ${count(rows.in)} rows accepted, ${count(rows.quarantined)} set aside`,
            },
          },
  },
  {
    id: 'complete',
    title: { zh: '完整率', en: 'Complete' },
    weight: 20,
    rule: {
      zh: '已填单元格 ÷ 全部单元格（定义中的所有字段，必填与选填同等）',
      en: 'cells filled ÷ all cells, over every field of the definition, required or not',
    },
    find: ({ fill }) => {
      if (fill === null) return { value: null, reason: { zh: '正在清点', en: 'being counted' } };
      if (fill.cells === 0) return NOTHING_IN;
      return {
        value: fill.filled / fill.cells,
        reason: {
          zh: `${count(fill.cells)} 个单元格中已填 ${count(fill.filled)} 个`,
          en: `${count(fill.filled)} of ${count(fill.cells)} cells are filled`,
        },
      };
    },
  },
  {
    id: 'located',
    title: { zh: '落图率', en: 'Located' },
    weight: 15,
    rule: { zh: '有位置的行 ÷ 接收的行', en: 'rows with a place ÷ rows accepted' },
    find: ({ rows }) =>
      rows.accepted === 0
        ? NOTHING_IN
        : {
            value: 1 - rows.unlocated / rows.accepted,
            reason: {
              zh: `接收 ${count(rows.accepted)} 行，其中 ${count(rows.unlocated)} 行没有位置`,
              en: `${count(rows.unlocated)} of ${count(rows.accepted)} accepted rows have no place`,
            },
          },
  },
  {
    id: 'fresh',
    title: { zh: '时效', en: 'Fresh' },
    weight: 15,
    rule: {
      zh: '时限内为满分；超过后按比例下降，达到两倍时限为零',
      en: 'full within the time limit, then falling evenly to nothing at twice the limit',
    },
    find: ({ publishedAt }, layer, now) => {
      const age = ageInLimits(layer, publishedAt, now);
      const hours = Math.floor(age * layer.freshnessHours);
      return {
        value: Math.min(1, Math.max(0, 2 - age)),
        reason: {
          zh: `${count(hours)} 小时前发布，时限 ${count(layer.freshnessHours)} 小时`,
          en: `published ${count(hours)} h ago, the limit is ${count(layer.freshnessHours)} h`,
        },
      };
    },
  },
  {
    id: 'intact',
    title: { zh: '免修率', en: 'Intact' },
    weight: 10,
    rule: { zh: '未经修复的行 ÷ 接收的行', en: 'rows accepted as they came ÷ rows accepted' },
    find: ({ rows }) =>
      rows.accepted === 0
        ? NOTHING_IN
        : {
            value: 1 - rows.repaired / rows.accepted,
            reason: {
              zh: `接收 ${count(rows.accepted)} 行，其中 ${count(rows.repaired)} 行经过修复`,
              en: `${count(rows.repaired)} of ${count(rows.accepted)} accepted rows had to be repaired`,
            },
          },
  },
  {
    id: 'rowCount',
    title: { zh: '行数', en: 'Row count' },
    weight: 10,
    rule: {
      zh: '与上一次装载相比：较小行数 ÷ 较大行数；首次装载由装载程序按预期范围核对，在范围内为满分',
      en: 'against the load before: the smaller number ÷ the larger; a first load was held against the expected range by the loader and counts in full',
    },
    find: ({ rows, before }, layer) => {
      const [least, most] = layer.checks.rows;
      if (before === null) {
        return {
          value: 1,
          reason: {
            zh: `首次装载 ${count(rows.accepted)} 行，在预期范围内（全规模 ${count(least)} 至 ${count(most)} 行）`,
            en: `first load, ${count(rows.accepted)} rows, within the expected range (${count(least)} to ${count(most)} at full scale)`,
          },
        };
      }
      const larger = Math.max(rows.accepted, before);
      return {
        value: larger === 0 ? 1 : Math.min(rows.accepted, before) / larger,
        reason: {
          zh: `本次 ${count(rows.accepted)} 行，上次 ${count(before)} 行`,
          en: `${count(rows.accepted)} rows now, ${count(before)} in the load before`,
        },
      };
    },
  },
  {
    id: 'crs',
    title: { zh: '坐标系', en: 'CRS' },
    weight: 5,
    rule: {
      zh: '坐标系判定的置信度；没有坐标的表不计',
      en: 'confidence of the verdict on the coordinate system; tables without coordinates are left out',
    },
    find: ({ crs }, layer) => {
      const hasCoordinates = layer.geometry !== 'table' || layer.source.coordinates !== undefined;
      if (crs === null || !hasCoordinates) {
        return { value: null, reason: { zh: '没有自己的坐标', en: 'has no coordinates of its own' } };
      }
      return {
        value: crs.confidence,
        reason: {
          zh: `按 ${crs.name} 读取，置信度 ${Math.round(crs.confidence * 100)} %`,
          en: `read as ${crs.name} with a confidence of ${Math.round(crs.confidence * 100)} %`,
        },
      };
    },
  },
];

/** Each criterion of a load, in the order of `criteria`. A layer that was never loaded has none. */
export function findings(measured: Measured, layer: Layer, now: number): ({ id: CriterionId } & Finding)[] {
  return criteria.map(({ id, find }) => ({ id, ...find(measured, layer, now) }));
}

/** 0..100: the mean of what applies, each by its weight. Nothing found is 0: what was never handed in has no quality. */
export function scoreOf(found: readonly { id: CriterionId; value: number | null }[]): number {
  let sum = 0;
  let weights = 0;
  for (const { id, weight } of criteria) {
    const value = found.find((finding) => finding.id === id)?.value ?? null;
    if (value === null) continue;
    sum += weight * value;
    weights += weight;
  }
  return weights === 0 ? 0 : (100 * sum) / weights;
}
