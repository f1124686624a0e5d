import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import { useLayers } from '../api/layers.ts';
import { ReportForm } from '../features/report-form/report-form.tsx';
import { ReportTracker } from '../features/report-tracker/report-tracker.tsx';
import { languageQuery, type Language } from '../url-state.ts';
import { patchUrl, useUrlState } from '../use-url-state.ts';
import { Brand } from './shell.tsx';

/**
 * The form by which a citizen (`/report`) or a collector (`/collect`) reports something, and what became of a report, for
 * whoever has its token (`/report/{token}`).
 */
export default function Report({ kind }: { kind: 'citizen' | 'collector' }) {
  const { t } = useTranslation();
  const [{ lang }] = useUrlState();
  const { token } = useParams<{ token?: string }>();
  return (
    <div className="om-lead">
      <header className="om-top">
        <Brand />
        <h2 className="om-report-title">
          {t(token !== undefined ? 'track.title' : kind === 'citizen' ? 'app.report' : 'app.collect')}
        </h2>
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
        {token === undefined ? (
          <>
            <Form kind={kind} lang={lang} />
            {kind === 'citizen' && <FindReport lang={lang} />}
          </>
        ) : (
          <div className="om-report">
            <ReportTracker key={token} token={token} lang={lang} />
            <FindReport lang={lang} />
            <p>
              <Link className="om-link" href={`/report${languageQuery(lang)}`}>
                {t('track.new')}
              </Link>
            </p>
          </div>
        )}
      </main>
    </div>
  );
}

function Form({ kind, lang }: { kind: 'citizen' | 'collector'; lang: Language }) {
  const { data: catalogue = [] } = useLayers();
  return <ReportForm kind={kind} catalogue={catalogue} lang={lang} />;
}

/** The way to a report whose code somebody noted. */
function FindReport({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const id = useId();
  const [code, setCode] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Codes are sent around with spaces and in whole addresses.
    const token = code
      .trim()
      .replace(/^.*\/report\//, '')
      .replace(/[?#].*$/, '');
    if (token !== '') navigate(`/report/${encodeURIComponent(token)}${languageQuery(lang)}`);
  };
  return (
    <form className="om-report om-report-find" onSubmit={submit} aria-label={t('track.find')}>
      <label className="om-report-label" htmlFor={id}>
        {t('track.findHelp')}
      </label>
      <span>
        <input
          id={id}
          className="om-report-input"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <button type="submit" className="om-button">
          {t('track.find')}
        </button>
      </span>
    </form>
  );
}
