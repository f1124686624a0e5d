import type { Text } from '../../layers/define.ts';

/** The national datums before CGCS2000. Nothing public turns them into it to better than some 100 m. */
export type OldDatum = 'Xian 80' | 'Beijing 54';

/** EPSG codes: geographic, 6-degree zones, 3-degree zones; each with the zone before the easting and without. */
const RANGES: readonly (readonly [number, number, OldDatum])[] = [
  [4610, 4610, 'Xian 80'],
  [2327, 2390, 'Xian 80'],
  [4214, 4214, 'Beijing 54'],
  [2401, 2442, 'Beijing 54'],
  [21413, 21423, 'Beijing 54'],
  [21453, 21463, 'Beijing 54'],
];

/** The old datum that a CRS, its name or its WKT is based on. */
export function oldDatumOf(crs: string): OldDatum | null {
  const code = Number(/^EPSG:(\d+)/.exec(crs)?.[1] ?? Number.NaN);
  const range = RANGES.find(([first, last]) => code >= first && code <= last);
  if (range) return range[2];
  if (/xi.?an[\s_]*(19)?80|西安\s*80/i.test(crs)) return 'Xian 80';
  return /beijing[\s_]*(19)?54|北京\s*54/i.test(crs) ? 'Beijing 54' : null;
}

/** What a department has to do about it. */
export const CONTROL_POINTS: Text = {
  zh: '请测绘部门用至少 3 个公共控制点（四参数或七参数）转换为 CGCS2000（EPSG:4547 或 EPSG:4526）后再送',
  en: 'have the surveyors convert it to CGCS2000 (EPSG:4547 or EPSG:4526) by at least 3 common control points (4 or 7 parameters) and send it again',
};
