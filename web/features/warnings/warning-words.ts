/** Words that warnings are made of, in both languages. */
import type { Text } from '../../../layers/define.ts';

export const DISTRICT_NAME: Text = { zh: '禅城区', en: 'Chancheng district' };

export const LEVEL_WORDS: Readonly<Record<1 | 2 | 3 | 4, Text>> = {
  1: { zh: '红色', en: 'Red' },
  2: { zh: '橙色', en: 'Orange' },
  3: { zh: '黄色', en: 'Yellow' },
  4: { zh: '蓝色', en: 'Blue' },
};

/** What districts warn of most, with the category of CAP that each belongs to. */
export const EVENTS: readonly { title: Text; category: string }[] = [
  { title: { zh: '暴雨', en: 'Rainstorm' }, category: 'Met' },
  { title: { zh: '台风', en: 'Typhoon' }, category: 'Met' },
  { title: { zh: '雷雨大风', en: 'Thunderstorm' }, category: 'Met' },
  { title: { zh: '高温', en: 'Heat' }, category: 'Met' },
  { title: { zh: '寒冷', en: 'Cold' }, category: 'Met' },
  { title: { zh: '大雾', en: 'Fog' }, category: 'Met' },
  { title: { zh: '内涝', en: 'Flooding' }, category: 'Geo' },
  { title: { zh: '地质灾害', en: 'Landslide' }, category: 'Geo' },
  { title: { zh: '森林火险', en: 'Forest fire' }, category: 'Fire' },
  { title: { zh: '火灾', en: 'Fire' }, category: 'Fire' },
  { title: { zh: '危险化学品泄漏', en: 'Chemical leak' }, category: 'CBRNE' },
  { title: { zh: '空气重污染', en: 'Air pollution' }, category: 'Env' },
  { title: { zh: '停水', en: 'Water outage' }, category: 'Infra' },
  { title: { zh: '停电', en: 'Power outage' }, category: 'Infra' },
  { title: { zh: '道路中断', en: 'Road closure' }, category: 'Transport' },
  { title: { zh: '人群拥挤', en: 'Crowding' }, category: 'Safety' },
  { title: { zh: '传染病', en: 'Infectious disease' }, category: 'Health' },
];
