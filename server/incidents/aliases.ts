import { categories, findCategory, type Category } from './categories.ts';

/**
 * Emergencies of GB/T 30428.2-2013, class 05 there, which the standard of 2026 no longer has: they are filed under the
 * list of this project. By the words of their titles, since lists of that class differ from city to city.
 */
const EMERGENCIES: readonly (readonly [RegExp, string])[] = [
  [/路面塌陷|道路塌陷/, 'Z0903'],
  [/(自来水|供水|燃气|热力|排水|下水|管).*(破裂|爆裂|爆管)/, 'Z0904'],
  [/下水道堵塞|污水冒溢|水浸|内涝/, 'Z0902'],
  [/架空线缆/, '10002'],
  [/火灾|起火/, 'Z0901'],
];

/** Class of 2013 -> class of 2026, for events. 05 (emergencies) and 06 (others) have no counterpart by number. */
const EVENT_CLASSES: Readonly<Record<string, string>> = { '01': '06', '02': '07', '03': '08', '04': '09' };

const byTitle = new Map<string, Category>();
for (const category of categories) {
  for (const title of [category.title.zh, category.title.en]) {
    const text = plain(title);
    if (!byTitle.has(text)) byTitle.set(text, category);
  }
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s、，,;；（）()]/g, '');
}

/**
 * The category a message means: by its code, by a code of 2013 where the message says that it is one (`0110`, `01-10`:
 * event 01-nn is 060nn), or by its title in either language.
 */
export function settleCategory(text: string, standard: '2026' | '2013' = '2026'): Category | undefined {
  if (standard === '2013') {
    const [, group = '', number = ''] = /^(\d{2})-?(\d{2})$/.exec(text) ?? [];
    const now = EVENT_CLASSES[group];
    if (now !== undefined) return findCategory(`${now}0${number}`);
    if (group !== '') return undefined;
  } else {
    const known = findCategory(text);
    if (known) return known;
  }
  const titled = byTitle.get(plain(text));
  if (titled) return titled;
  const emergency = EMERGENCIES.find(([words]) => words.test(text));
  return emergency && findCategory(emergency[1]);
}
