/** Names of places in Latin letters: pinyin for the name, an English word for what it is. Loaded with English only. */
import { pinyin } from 'pinyin-pro';

/**
 * What the last characters of a name say it is, the longer first. A town is known by its name alone, whichever kind of town it
 * is; a village and a community beside it may share theirs.
 */
const KINDS = [
  ['街道', ''],
  ['社区', 'Community'],
  ['镇', ''],
  ['村', 'Village'],
  ['区', 'District'],
] as const;

const HAN = /\p{Script=Han}+/gu;

/** Syllables as one word, as GB/T 28039 writes names: an apostrophe before one that begins with a vowel. */
function spell(characters: string): string {
  const syllables = pinyin(characters, { toneType: 'none', type: 'array' });
  const word = syllables.map((each, at) => (at > 0 && /^[aeo]/.test(each) ? `'${each}` : each)).join('');
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** `祖庙街道` → `Zumiao`, `永安社区` → `Yong'an Community`. What is not Chinese stays as it is. */
export function placePinyin(name: string): string {
  const kind = KINDS.find(([chinese]) => name.length > chinese.length && name.endsWith(chinese));
  const root = kind ? name.slice(0, -kind[0].length) : name;
  const spelt = root.replace(HAN, spell);
  return kind?.[1] ? `${spelt} ${kind[1]}` : spelt;
}
