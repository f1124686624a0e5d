import type { Text } from '../../layers/define.ts';
import { findCategory } from './categories.ts';

/** Classes of GB/T 47678.5-2026, by the first two digits. */
const CLASSES: Readonly<Record<string, Text>> = {
  '01': { zh: '市政公用设施', en: 'Municipal utilities' },
  '02': { zh: '交通设施', en: 'Traffic facilities' },
  '03': { zh: '市容环卫设施', en: 'Sanitation facilities' },
  '04': { zh: '园林绿化设施', en: 'Parks and greenery' },
  '05': { zh: '其他部件', en: 'Other components' },
  '06': { zh: '市容环境', en: 'City appearance' },
  '07': { zh: '宣传广告', en: 'Advertising' },
  '08': { zh: '施工管理', en: 'Construction sites' },
  '09': { zh: '街面秩序', en: 'Street order' },
  '10': { zh: '其他事项', en: 'Other matters' },
};

/** The class that a category belongs to. */
export function groupOf(code: string): Text {
  const group = code.startsWith('Z') ? findCategory(code.slice(0, 3))?.title : CLASSES[code.slice(0, 2)];
  if (!group) throw new Error(`category ${code} has no group`);
  return group;
}

/** Disputes, hazards, public order, people under care and appeals: never shown to the public (as `app.incident`). */
export function isRestricted(code: string): boolean {
  return /^Z0[1-5]/.test(code);
}
