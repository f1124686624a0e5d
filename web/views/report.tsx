import { useTranslation } from 'react-i18next';
import { useLayers } from '../api.ts';
import { ReportForm } from '../features/report-form/report-form.tsx';
import { patchUrl, useUrlState } from '../use-url-state.ts';
import { Brand } from './shell.tsx';

/** The form by which a citizen (`/report`) or a collector (`/collect`) reports something. */
export default function Report({ kind }: { kind: 'citizen' | 'collector' }) {
  const { t } = useTranslation();
  const [{ lang }] = useUrlState();
  const { data: catalogue = [] } = useLayers();
  return (
    <div className="om-lead">
      <header className="om-top">
        <Brand />
        <h2 className="om-report-title">{t(kind === 'citizen' ? 'app.report' : 'app.collect')}</h2>
        <button
          type="button"
          className="om-button om-report-language"
          aria-label={t('app.languageLabel')}
          lang={lang === 'zh' ? 'en' : 'zh'}
          onClick={() => patchUrl({ lang: lang === 'zh' ? 'en' : 'zh' })}
        >
          {t('app.language')}
        </button>
      </header>
      <main id="main" className="om-report-page">
        <ReportForm kind={kind} catalogue={catalogue} lang={lang} />
      </main>
    </div>
  );
}
