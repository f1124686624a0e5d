import { NativeSelect } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { LayerSummary } from '../../server/app.ts';
import { useCountsByValue } from '../api/counts.ts';
import { useIncidentStats } from '../api/incidents.ts';
import { useLayerDetail, useLayers, useStatus } from '../api/layers.ts';
import { withQuery } from '../api/request.ts';
import { HourStrip } from '../features/figures/hour-strip.tsx';
import { Categories, Ranking } from '../features/figures/rankings.tsx';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { HealthBar } from '../features/health/health-bar.tsx';
import { LoadingNote } from '../features/health/loading-note.tsx';
import { IndicatorTable } from '../features/indicators/indicator-table.tsx';
import { League } from '../features/league/league.tsx';
import { Bell } from '../features/notifications/bell.tsx';
import { WhyNumber, type WhyProps } from '../features/why/why-number.tsx';
import { pick } from '../i18n/i18n.ts';
import { useLive } from '../live-store.ts';
import { usePlaceNames, type PlaceNames } from '../place-names.ts';
import { light } from '../theme.ts';
import { clock, longDate, number, percent } from '../time.ts';
import { BarList } from '../ui/bar-list.tsx';
import { Panel } from '../ui/panel.tsx';
import { useNow } from '../ui/use-now.ts';
import { emptyState, formatUrlState, type Language } from '../url-state.ts';
import { useUrlState } from '../use-url-state.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';

const NOTHING: never[] = [];
const ignore = () => undefined;

/** The leader's page: how the district stands, and where each number comes from. */
export default function Lead() {
  const { t } = useTranslation();
  const [{ lang, indicators, figure }, patch] = useUrlState();
  const rootPx = useRootSize('desk');
  const now = useNow(60_000);
  useShortcuts(ignore);
  const { data: catalogue = NOTHING } = useLayers();
  const names = usePlaceNames(catalogue);
  const [, navigate] = useLocation();
  const showCommunity = (code: string) =>
    navigate(
      `/plan${formatUrlState({ ...emptyState, lang, areas: { layer: 'person', by: 'community' }, selection: { kind: 'cell', code } })}`,
    );
  return (
    <div className="om-lead">
      <header className="om-top">
        <Brand />
        <HealthBar lang={lang} />
        <button type="button" className="om-button" onClick={() => window.print()}>
          {t('lead.print')}
        </button>
        <Bell lang={lang} />
        <ViewSwitch view="lead" lang={lang} />
      </header>
      <ConnectionBanner lang={lang} />
      <main id="main" className="om-lead-main">
        <p className="om-printed">
          {t('app.title')} · {t('app.lead')} · {longDate(now, lang)} {clock(now, lang)}
        </p>
        <LoadingNote lang={lang} />
        <Cards catalogue={catalogue} lang={lang} />
        <div className="om-lead-grid">
          <League catalogue={catalogue} names={names} lang={lang} />
          <Ranking level="community" limit={6} lang={lang} names={names} onSelect={showCommunity} />
          <IndicatorTable
            choice={indicators}
            names={names}
            lang={lang}
            onChange={(choice) => patch({ indicators: choice, figure: null }, true)}
            figure={figure}
            onFigure={(next) => patch({ figure: next })}
          />
          <HourStrip lang={lang} palette={light} fontSize={rootPx * 0.75} title={t('lead.trend')} />
          <Categories lang={lang} limit={10} />
          <Industries catalogue={catalogue} names={names} lang={lang} />
        </div>
      </main>
      <footer className="om-foot">{t('map.note')}</footer>
    </div>
  );
}

function Card({
  label,
  value,
  note,
  tone,
  why,
  testId,
}: {
  label: string;
  value: string;
  note?: ReactNode;
  tone?: 'bad' | undefined;
  why: WhyProps;
  testId: string;
}) {
  return (
    <section className="om-card" aria-label={label} data-testid={testId}>
      <header>
        <h2>{label}</h2>
        <WhyNumber {...why} />
      </header>
      <p className={`om-card-value ${tone ? `om-tone-${tone}` : ''}`}>{value}</p>
      <p className="om-card-note">{note ?? ' '}</p>
    </section>
  );
}

function Cards({ catalogue, lang }: { catalogue: readonly LayerSummary[]; lang: Language }) {
  const { t } = useTranslation();
  useLive((state) => state.version);
  const situation = useLive((state) => state.situation);
  const heardAt = useLive((state) => state.heardAt);
  const status = useStatus();
  const hours = useIncidentStats('hour');
  const person = catalogue.find(({ id }) => id === 'person');
  const enterprise = catalogue.find(({ id }) => id === 'enterprise');
  const live = (rule: WhyProps['rule']): WhyProps => ({
    lang,
    rule,
    request: '/api/incidents?limit=1',
    readAt: heardAt,
    isLive: true,
  });
  const lastHour = hours.data?.groups.toSorted((a, b) => Date.parse(b.key) - Date.parse(a.key))[0];
  const share =
    situation && situation.openTotal > 0 ? percent(situation.overdueTotal / situation.openTotal, lang) : null;
  const layerCard = (layer: LayerSummary | undefined, label: string, testId: string) =>
    layer && (
      <Card
        testId={testId}
        label={label}
        value={number(layer.count, lang)}
        note={
          layer.unlocated
            ? `${t('analyse.unlocated')} ${number(layer.unlocated, lang)}`
            : t(`freshness.${layer.freshness}`)
        }
        why={{ lang, rule: 'lead.rule.count', request: `/api/layers/${layer.id}`, readAt: null, layer, filter: null }}
      />
    );
  return (
    <div className="om-cards">
      <Card
        testId="card-open"
        label={t('figure.open')}
        value={number(situation?.openTotal, lang)}
        why={live('lead.rule.open')}
      />
      <Card
        testId="card-overdue"
        label={t('figure.overdue')}
        value={number(situation?.overdueTotal, lang)}
        tone={situation?.overdueTotal ? 'bad' : undefined}
        note={share === null ? undefined : `${t('lead.overdueRate')} ${share}`}
        why={live('lead.rule.overdue')}
      />
      <Card
        testId="card-created"
        label={t('figure.created')}
        value={number(situation?.createdToday, lang)}
        note={lastHour ? `${t('lead.perHour')} ${number(lastHour.created, lang)}` : undefined}
        why={live('lead.rule.created')}
      />
      <Card
        testId="card-closed"
        label={t('figure.closed')}
        value={number(situation?.closedToday, lang)}
        why={live('lead.rule.closed')}
      />
      {layerCard(person, t('lead.population'), 'card-population')}
      {layerCard(enterprise, t('lead.enterprises'), 'card-enterprises')}
      <Card
        testId="card-layers"
        label={t('lead.layers')}
        value={number(status.data?.layers.loaded, lang)}
        note={
          status.data &&
          `${t('lead.of', { total: number(status.data.layers.defined, lang) })} · ${t('lead.features')} ${number(status.data.layers.features, lang)}`
        }
        why={{ lang, rule: 'lead.rule.layers', request: '/api/status', readAt: status.dataUpdatedAt || null }}
      />
    </div>
  );
}

/** Enterprises of each industry section, for the district or one town; each bar is an answer of the API of its own. */
function Industries({
  catalogue,
  names,
  lang,
}: {
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
  lang: Language;
}) {
  const { t } = useTranslation();
  const [town, setTown] = useState<string | null>(null);
  const [section, setSection] = useState<string | null>(null);
  const layer = catalogue.find(({ id, load }) => id === 'enterprise' && load !== null);
  const isLoaded = layer !== undefined;
  const detail = useLayerDetail(isLoaded ? 'enterprise' : null);
  const sections = detail.data?.fields.find(({ name }) => name === 'industry_section')?.values ?? {};
  const towns = [...names].filter(([code]) => code.endsWith('000'));
  const answers = useCountsByValue('enterprise', 'industry_section', Object.keys(sections));
  const items = Object.entries(sections)
    .map(([code, title], index) => {
      const data = answers[index];
      const count = town === null ? data?.total : data?.counts[data.codes.indexOf(town)];
      return { section: code, title, count: count ?? null };
    })
    .toSorted((a, b) => (b.count ?? -1) - (a.count ?? -1));
  // The bar that was clicked, or the longest one, is the number that is explained.
  const explained = section ?? items[0]?.section ?? 'F';
  const ofSection = { field: 'industry_section', op: '=', value: explained };
  const filter = town === null ? ofSection : { and: [ofSection, { cells: { by: 'town', codes: [town] } }] };
  return (
    <Panel
      title={t('lead.industries')}
      className="om-industries"
      aside={
        <div className="om-aside-row">
          <NativeSelect
            size="xs"
            aria-label={t('lead.town')}
            value={town ?? ''}
            data={[{ value: '', label: t('lead.allTowns') }, ...towns.map(([value, label]) => ({ value, label }))]}
            onChange={(event) => setTown(event.currentTarget.value || null)}
          />
          <WhyNumber
            lang={lang}
            rule="lead.rule.count"
            request={withQuery('/api/layers/enterprise/cells', { by: 'town', filter: JSON.stringify(filter) })}
            readAt={null}
            layer={layer}
            filter={filter}
          />
        </div>
      }
    >
      {items.length === 0 ? (
        <p className="om-state">{isLoaded ? t('state.loading') : t('state.empty')}</p>
      ) : (
        <BarList
          label={t('lead.industries')}
          tone={2}
          items={items
            .filter(({ count }) => count !== null && count > 0)
            .slice(0, 10)
            .map(({ section: code, title, count }) => ({
              key: code,
              label: `${code} ${pick(title, lang)}`,
              value: count ?? 0,
              text: number(count, lang),
              onSelect: () => setSection(code),
            }))}
        />
      )}
    </Panel>
  );
}
