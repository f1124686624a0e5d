/** Chinese first, English complete. Keys are typed from the Chinese texts; a test holds that both languages have all of them. */
import { createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Text } from '../../layers/define.ts';
import type { Language } from '../url-state.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    keySeparator: false;
    nsSeparator: false;
    resources: { translation: typeof zh };
  }
}

export const i18n = createInstance();

void i18n.use(initReactI18next).init({
  lng: 'zh',
  fallbackLng: 'zh',
  keySeparator: false,
  nsSeparator: false,
  initAsync: false,
  showSupportNotice: false,
  interpolation: { escapeValue: false },
  resources: { zh: { translation: zh }, en: { translation: en } },
});

/** The text in the language shown. */
export function pick(text: Text | undefined, language: Language): string {
  return text ? text[language] || text.zh : '';
}
