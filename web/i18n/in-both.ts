import type { Text } from '../../layers/define.ts';
import { i18n } from './i18n.ts';
import type { TextKey } from './zh.ts';

/** A text of the screens in both languages at once: for what is sent, or shown in a language chosen later. */
export function inBoth(key: TextKey, values: { zh?: object; en?: object } = {}): Text {
  const say = (lng: 'zh' | 'en') => String(i18n.t(key as 'app.title', { lng, ...values[lng] }));
  return { zh: say('zh'), en: say('en') };
}
