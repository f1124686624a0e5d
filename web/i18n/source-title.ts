/** What the systems that report incidents are called on screen. */
import type { Text } from '../../layers/define.ts';
import { en } from './en.ts';
import { pick } from './i18n.ts';
import { zh } from './zh.ts';
import type { Language } from '../url-state.ts';

const titles = new Map<string, Text>(
  (
    [
      ['sensor', 'source.sensor'],
      ['video-ai', 'source.video-ai'],
      ['hotline-12345', 'source.hotline-12345'],
      ['grid-worker', 'source.grid-worker'],
      ['citizen', 'source.citizen'],
      ['fire-119', 'source.fire-119'],
      ['collector', 'source.collector'],
      ['rules', 'source.rules'],
    ] as const
  ).map(([source, key]) => [source, { zh: zh[key], en: en[key] }]),
);

/** Title of a reporting system; one that is not known here is shown by the name it reports under. */
export function sourceTitle(source: string, language: Language): string {
  return pick(titles.get(source), language) || source;
}
