import { useTranslation } from 'react-i18next';
import type { Field } from '../../field-text.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';

/** Which columns a table has; the last one cannot be taken away. */
export function ColumnChoice(props: {
  fields: readonly Field[];
  chosen: readonly string[];
  lang: Language;
  onChange: (names: string[]) => void;
}) {
  const { fields, chosen, lang, onChange } = props;
  const { t } = useTranslation();
  return (
    <details
      className="om-columns"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !event.currentTarget.open) return;
        event.preventDefault();
        event.currentTarget.open = false;
        event.currentTarget.querySelector('summary')?.focus();
      }}
    >
      <summary className="om-button">
        {t('rows.columns')} {chosen.length}/{fields.length}
      </summary>
      <ul>
        {fields.map(({ name, title }) => {
          const isShown = chosen.includes(name);
          return (
            <li key={name}>
              <label className="om-check">
                <input
                  type="checkbox"
                  checked={isShown}
                  disabled={isShown && chosen.length === 1}
                  onChange={() => onChange(isShown ? chosen.filter((other) => other !== name) : [...chosen, name])}
                />
                {pick(title, lang)}
              </label>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
