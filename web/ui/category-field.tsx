import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useCategories } from '../api/incidents.ts';
import { pick } from '../i18n/i18n.ts';
import type { Language } from '../url-state.ts';

interface CategoryFieldProps {
  label: string;
  value: string;
  lang: Language;
  /** Name in a form; none where `onChange` takes it. */
  name?: string;
  placeholder?: string;
  isInvalid?: boolean;
  onChange: (code: string) => void;
}

/** The code of one kind of incident, found by code or name, and what it is called. */
export function CategoryField({ label, value, lang, name, placeholder, isInvalid, onChange }: CategoryFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const { data = [] } = useCategories();
  const code = value.trim().toUpperCase();
  const known = data.find((each) => each.code === code);
  const isUnknown = code !== '' && data.length > 0 && known === undefined;
  return (
    <label className="om-field">
      <span>{label}</span>
      <input
        name={name}
        list={id}
        value={value}
        placeholder={placeholder}
        autoComplete="off"
        aria-invalid={isInvalid === true || isUnknown}
        onChange={({ target }) => onChange(target.value.trim().toUpperCase())}
      />
      <datalist id={id}>
        {data.map(({ code: each, title }) => (
          <option key={each} value={each}>
            {pick(title, lang)}
          </option>
        ))}
      </datalist>
      {known && <small className="om-dim">{pick(known.title, lang)}</small>}
      {isUnknown && <small className="om-dim">{t('category.unknown')}</small>}
    </label>
  );
}
