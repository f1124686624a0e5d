import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCategories } from '../api/incidents.ts';
import { pick } from '../i18n/i18n.ts';
import type { Language } from '../url-state.ts';

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

/** Several kinds of incidents, found by code or name: those chosen with a way to take each out, and one to add more. */
export function CategoryChoice({ codes, label, placeholder, lang, isWhole = false, onChange }: CategoryChoiceProps) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');
  const { data = [] } = useCategories();
  const nameOf = (code: string) => pick(data.find((each) => each.code === code)?.title, lang) || code;
  const add = (typed: string) => {
    const found = typed
      .split(/[\s,，、]+/)
      .map((part) => data.find(({ title }) => title.zh === part || title.en === part)?.code ?? part.toUpperCase())
      .filter((code) => CODE.test(code))
      .flatMap((part) => {
        const all = isWhole ? data.map(({ code }) => code).filter((code) => code.startsWith(part)) : [];
        return all.length === 0 ? [part] : all;
      });
    if (found.length === 0) return false;
    onChange([...new Set([...codes, ...found])]);
    setText('');
    return true;
  };
  return (
    <span className="om-codes">
      {codes.length > 0 && (
        <span className="om-codes-chosen">
          {codes.map((code) => (
            <button
              key={code}
              type="button"
              className="om-code"
              title={code}
              aria-label={t('codes.remove', { name: nameOf(code) })}
              onClick={() => onChange(codes.filter((each) => each !== code))}
            >
              {nameOf(code)} <span aria-hidden="true">✕</span>
            </button>
          ))}
        </span>
      )}
      <input
        list={id}
        value={text}
        autoComplete="off"
        aria-label={label}
        placeholder={placeholder}
        onChange={(event) => {
          const typed = event.target.value;
          // From the list it is whole; what is typed may go on, as Z09 does to Z0908.
          const isChosen = (event.nativeEvent as InputEvent).inputType === 'insertReplacementText';
          if (!isChosen || !add(typed)) setText(typed);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          add(text);
        }}
        onBlur={() => add(text)}
      />
      <datalist id={id}>
        {data
          .filter(({ code }) => !codes.includes(code))
          .map(({ code, title }) => (
            <option key={code} value={code}>
              {pick(title, lang)}
            </option>
          ))}
      </datalist>
    </span>
  );
}
