import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface CodesFieldProps {
  codes: readonly string[];
  label: string;
  placeholder?: string | undefined;
  nameOf: (code: string) => string;
  /** The codes that a word stands for; none where it stands for nothing. */
  find: (word: string) => readonly string[];
  /** Whether what is in the field was chosen from the list, and goes on no further. */
  isChosen: (typed: string, event: InputEvent) => boolean;
  /** What the list offers, and how each is called where that is not what is put into the field. */
  options: readonly { key: string; value: string; title?: string }[];
  onChange: (codes: string[]) => void;
}

/** Several codes: those chosen with a way to take each out, and a field to add more by code or name. */
export function CodesField(props: CodesFieldProps) {
  const { codes, label, placeholder, nameOf, find, isChosen, options, onChange } = props;
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');
  const add = (typed: string) => {
    const found = typed.split(/[\s,，、]+/).flatMap(find);
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
          if (!isChosen(typed, event.nativeEvent as InputEvent) || !add(typed)) setText(typed);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          add(text);
        }}
        onBlur={() => add(text)}
      />
      {options.length > 0 && (
        <datalist id={id}>
          {options.map(({ key, value, title }) => (
            <option key={key} value={value}>
              {title}
            </option>
          ))}
        </datalist>
      )}
    </span>
  );
}
