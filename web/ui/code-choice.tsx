import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { levelOf, placeText, type PlaceNames } from '../place-names.ts';
import type { Level } from '../url-state.ts';

interface CodeChoiceProps {
  level: Level;
  codes: readonly string[];
  names: PlaceNames;
  onChange: (codes: string[]) => void;
}

const CODE = /^\d{12}(W\d{3})?$/;

/** Several towns, communities or micro-grids: those chosen with a way to take each out, and one to add more. */
export function CodeChoice({ level, codes, names, onChange }: CodeChoiceProps) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');
  const known = [...names].filter(([code]) => levelOf(code) === level);
  const add = (typed: string) => {
    const found = typed
      .split(/[\s,，、]+/)
      .map((part) => known.find(([code, name]) => code === part || name === part)?.[0] ?? part.toUpperCase())
      .filter((code) => CODE.test(code) && levelOf(code) === level);
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
              aria-label={t('codes.remove', { name: placeText(code, names) })}
              onClick={() => onChange(codes.filter((each) => each !== code))}
            >
              {placeText(code, names)} <span aria-hidden="true">✕</span>
            </button>
          ))}
        </span>
      )}
      <input
        list={id}
        value={text}
        aria-label={t(`codes.add.${level}`)}
        placeholder={level === 'grid' ? '440604012018W001' : t(`codes.add.${level}`)}
        onChange={(event) => {
          const typed = event.target.value;
          // Choosing from the list is a change to a whole name.
          if (!known.some(([code, name]) => name === typed || code === typed) || !add(typed)) setText(typed);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add(text);
        }}
        onBlur={() => add(text)}
      />
      {level !== 'grid' && (
        <datalist id={id}>
          {known
            .filter(([code]) => !codes.includes(code))
            .map(([code, name]) => (
              <option key={code} value={name} />
            ))}
        </datalist>
      )}
    </span>
  );
}
