import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '../../../web/i18n/en.ts';
import { i18n, pick } from '../../../web/i18n/i18n.ts';
import { zh, type TextKey } from '../../../web/i18n/zh.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).toSorted();
const keys = Object.keys(zh) as TextKey[];

describe('texts', () => {
  it('has the same keys in both languages', () => {
    expect(Object.keys(en).toSorted()).toEqual(keys.toSorted());
  });

  it.each(keys)('%s is written in both languages, with the same placeholders', (key) => {
    expect(zh[key].trim()).not.toBe('');
    expect(en[key].trim()).not.toBe('');
    expect(placeholders(en[key])).toEqual(placeholders(zh[key]));
  });

  it('has no Chinese in the English texts but the name of the language', () => {
    const foreign = keys.filter((key) => key !== 'app.language' && /\p{Script=Han}/u.test(en[key]));
    expect(foreign).toEqual([]);
  });

  it('keeps Chinese out of the components: every text people see has a key', () => {
    const root = join(import.meta.dirname, '../../../web');
    const offenders = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/^(i18n|dist)\//.test(file))
      // The name of the product, in both languages at once, and the units of durations.
      .filter((file) => !['time.ts', 'app.tsx'].includes(file))
      .filter((file) => /\p{Script=Han}/u.test(readFileSync(join(root, file), 'utf8')));
    expect(offenders).toEqual([]);
  });

  it('switches', async () => {
    await i18n.changeLanguage('en');
    expect(i18n.t('queue.shown', { shown: '3', total: '7' })).toBe('3 of 7 shown');
    await i18n.changeLanguage('zh');
    expect(i18n.t('queue.shown', { shown: '3', total: '7' })).toBe('显示 3 / 7');
    expect(pick({ zh: '河', en: '' }, 'en')).toBe('河');
  });
});
