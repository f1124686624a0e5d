import { useCategories } from '../api/incidents.ts';
import { pick } from '../i18n/i18n.ts';
import type { Language } from '../url-state.ts';
import { CodesField } from './codes-field.tsx';

interface CategoryChoiceProps {
  codes: readonly string[];
  label: string;
  placeholder?: string;
  lang: Language;
  /** Whole codes are wanted: the beginning of codes stands for all that begin so. */
  isWhole?: boolean;
  onChange: (codes: string[]) => void;
}

const CODE = /^(\d{1,5}|Z\d{0,4})$/;

/** Several kinds of incidents, found by code or name. */
export function CategoryChoice({ codes, label, placeholder, lang, isWhole = false, onChange }: CategoryChoiceProps) {
  const { data = [] } = useCategories();
  const find = (word: string) => {
    const code = data.find(({ title }) => title.zh === word || title.en === word)?.code ?? word.toUpperCase();
    if (!CODE.test(code)) return [];
    const all = isWhole ? data.map((each) => each.code).filter((each) => each.startsWith(code)) : [];
    return all.length === 0 ? [code] : all;
  };
  return (
    <CodesField
      {...{ codes, label, placeholder, find, onChange }}
      nameOf={(code) => pick(data.find((each) => each.code === code)?.title, lang) || code}
      // From the list it is whole; what is typed may go on, as Z09 does to Z0908.
      isChosen={(_, { inputType }) => inputType === 'insertReplacementText'}
      options={data
        .filter(({ code }) => !codes.includes(code))
        .map(({ code, title }) => ({ key: code, value: code, title: pick(title, lang) }))}
    />
  );
}
