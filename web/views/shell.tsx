import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { languageQuery, type Language } from '../url-state.ts';
import { patchUrl } from '../use-url-state.ts';

const VIEWS = ['wall', 'plan', 'lead', 'data', 'rules', 'warnings'] as const;

/** Links between the views; what is shown besides stays behind, only the language travels along. */
export function ViewSwitch({ view, lang }: { view: (typeof VIEWS)[number]; lang: Language }) {
  const { t } = useTranslation();
  const search = languageQuery(lang);
  const nav = useRef<HTMLElement>(null);
  // Where they have no room side by side, the one that is open is seen.
  useEffect(() => {
    const present = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (nav.current && present) nav.current.scrollLeft = present.offsetLeft - nav.current.offsetLeft - 8;
  });
  return (
    <nav ref={nav} className="om-views" aria-label={t('app.views')}>
      {VIEWS.map((item) => (
        <Link key={item} href={`/${item}${search}`} aria-current={item === view ? 'page' : undefined}>
          {t(`app.${item}`)}
        </Link>
      ))}
      <button
        type="button"
        className="om-language"
        aria-label={t('app.languageLabel')}
        lang={lang === 'zh' ? 'en' : 'zh'}
        onClick={() => patchUrl({ lang: lang === 'zh' ? 'en' : 'zh' })}
      >
        {t('app.language')}
      </button>
    </nav>
  );
}

/** Name of the product, with its mark. */
export function Brand() {
  const { t } = useTranslation();
  return (
    <h1 className="om-brand">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M12 1.8 21 7v10l-9 5.2L3 17V7z" fill="none" stroke="currentColor" strokeWidth="1.6" />
        <path d="M12 6.6 16.8 9.3v5.4L12 17.4l-4.8-2.7V9.3z" fill="currentColor" />
      </svg>
      {t('app.title')}
    </h1>
  );
}
