import { MantineProvider, type CSSVariablesResolver } from '@mantine/core';
import '@mantine/core/styles.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Component, lazy, Suspense, useEffect, useLayoutEffect, type ErrorInfo, type ReactNode } from 'react';
import { I18nextProvider, useTranslation } from 'react-i18next';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { ApiError } from './api/request.ts';
import { i18n } from './i18n/i18n.ts';
import { followLive } from './live-store.ts';
import { part } from './load-part.ts';
import './styles.css';
import { cssVariables, dark, light, mantineTheme } from './theme.ts';
import { useUrlState } from './use-url-state.ts';
import { Brand, ViewSwitch } from './views/shell.tsx';

const Wall = lazy(part(() => import('./views/wall.tsx')));
const Plan = lazy(part(() => import('./views/plan.tsx')));
const Lead = lazy(part(() => import('./views/lead.tsx')));
const Data = lazy(part(() => import('./views/data.tsx')));
const Rules = lazy(part(() => import('./views/rules.tsx')));
const Warnings = lazy(part(() => import('./views/warnings.tsx')));

const Report = lazy(part(() => import('./views/report.tsx')));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the caller may not see or asked wrongly does not get better by asking again; an outage does.
      retry: (failures, error) =>
        !(error instanceof ApiError && error.status >= 400 && error.status < 500) && failures < 3,
      retryDelay: (attempt) => Math.min(1_000 * 2 ** attempt, 8_000),
      // Queries keep asking while the line is down: a wall has nobody to press reload.
      networkMode: 'always',
    },
  },
});

const noMantineVariables: CSSVariablesResolver = () => ({ variables: {}, light: {}, dark: {} });

/** A view that fails says so and can be tried again; on a wall it starts again by itself. */
class Fence extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };
  #timer: ReturnType<typeof setTimeout> | undefined;

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(error, info.componentStack);
    this.#timer = setTimeout(() => this.setState({ error: null }), 10_000);
  }

  override componentWillUnmount() {
    clearTimeout(this.#timer);
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <main className="om-crash" role="alert">
        <h1>{i18n.t('state.crashed')}</h1>
        <p>{error.message}</p>
        <button type="button" className="om-button" onClick={() => this.setState({ error: null })}>
          {i18n.t('state.retry')}
        </button>
      </main>
    );
  }
}

function NotFound() {
  const { t } = useTranslation();
  const [{ lang }] = useUrlState();
  return (
    <div className="om-lead">
      <header className="om-top">
        <Brand />
        <ViewSwitch view="wall" lang={lang} />
      </header>
      <main id="main" className="om-crash">
        <h2>{t('app.notFound')}</h2>
      </main>
    </div>
  );
}

const NAMED = ['wall', 'plan', 'lead', 'data', 'rules', 'warnings', 'report', 'collect'] as const;
const isNamed = (view: string): view is (typeof NAMED)[number] => (NAMED as readonly string[]).includes(view);

function Views() {
  const { t } = useTranslation();
  const [location] = useLocation();
  const [{ lang }] = useUrlState();
  const palette = location === '/wall' || location === '/' ? dark : light;

  useLayoutEffect(() => {
    const root = document.documentElement;
    for (const [name, value] of Object.entries(cssVariables(palette))) root.style.setProperty(name, value);
    root.dataset['mantineColorScheme'] = palette.scheme;
  }, [palette]);
  useLayoutEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    void i18n.changeLanguage(lang);
  }, [lang]);
  const view = location.split('/')[1] ?? '';
  useEffect(() => {
    const isView = isNamed(view);
    const name = isView ? t(`app.${view}`) : t('app.title');
    document.title = `${name} · One Map 一张图`;
  }, [view, t]);
  const isForm = view === 'report' || view === 'collect';
  // A phone in the street has no use for every incident of the district.
  useEffect(() => (isForm ? undefined : followLive()), [isForm]);

  return (
    <MantineProvider theme={mantineTheme} forceColorScheme={palette.scheme} cssVariablesResolver={noMantineVariables}>
      <a className="om-skip" href="#main">
        {t('app.skip')}
      </a>
      <Fence key={view}>
        <Suspense fallback={<p className="om-state om-state-page">{t('state.loading')}</p>}>
          <Switch>
            <Route path="/">
              <Redirect to={`/wall${window.location.search}`} replace />
            </Route>
            <Route path="/wall" component={Wall} />
            <Route path="/plan" component={Plan} />
            <Route path="/lead" component={Lead} />
            <Route path="/data" component={Data} />
            <Route path="/report/:token?">
              <Report kind="citizen" />
            </Route>
            <Route path="/collect">
              <Report kind="collector" />
            </Route>
            <Route path="/rules/:id?" component={Rules} />
            <Route path="/warnings/:id?" component={Warnings} />
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </Fence>
    </MantineProvider>
  );
}

export function App() {
  return (
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <Views />
      </QueryClientProvider>
    </I18nextProvider>
  );
}
