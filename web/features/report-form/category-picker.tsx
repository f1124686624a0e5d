import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CategoryList } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';
import { COMMON_CATEGORIES } from './common-categories.ts';

type Category = CategoryList['categories'][number];
const MOST_FOUND = 8;

interface CategoryPickerProps {
  categories: readonly Category[];
  chosen: string | null;
  lang: Language;
  onChoose: (code: string | null) => void;
}

/** What it is about: pictures of the common kinds, and a search over all of them. */
export function CategoryPicker({ categories, chosen, lang, onChoose }: CategoryPickerProps) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found =
    wanted === ''
      ? []
      : categories
          .filter(({ code, title, group }) =>
            [code, title.zh, title.en, group.zh, group.en].some((each) => each.toLowerCase().includes(wanted)),
          )
          .slice(0, MOST_FOUND);
  const known = categories.find(({ code }) => code === chosen);
  return (
    <fieldset className="om-report-part">
      <legend>{t('report.what')}</legend>
      {known ? (
        <p className="om-report-chosen">
          <strong>{pick(known.title, lang)}</strong>
          <span className="om-dim">
            {pick(known.group, lang)} · {known.code}
          </span>
          <button type="button" className="om-button" onClick={() => onChoose(null)}>
            {t('report.change')}
          </button>
        </p>
      ) : (
        <>
          <ul className="om-report-kinds">
            {COMMON_CATEGORIES.map(([code, icon]) => {
              const category = categories.find((each) => each.code === code);
              return category ? (
                <li key={code}>
                  <button type="button" onClick={() => onChoose(code)}>
                    <img src={`/api/icons/${icon}`} alt="" width="28" height="28" />
                    <span>{pick(category.title, lang)}</span>
                  </button>
                </li>
              ) : null;
            })}
          </ul>
          <label className="om-report-label" htmlFor={id}>
            {t('report.searchKind')}
          </label>
          <input
            id={id}
            className="om-report-input"
            type="search"
            value={text}
            placeholder={t('report.searchKindHint')}
            onChange={(event) => setText(event.target.value)}
          />
          {wanted !== '' && (
            <ul className="om-report-found" aria-label={t('report.found')}>
              {found.length === 0 && <li className="om-dim">{t('report.foundNone')}</li>}
              {found.map(({ code, title, group }) => (
                <li key={code}>
                  <button type="button" onClick={() => onChoose(code)}>
                    {pick(title, lang)} <span className="om-dim">{pick(group, lang)}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </fieldset>
  );
}
