import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident } from '../../server/app.ts';
import { useLayers, useStatus } from '../api.ts';
import { CellPanel } from '../features/cell-panel/cell-panel.tsx';
import { HourStrip } from '../features/figures/hour-strip.tsx';
import { Categories, Ranking } from '../features/figures/rankings.tsx';
import { Today } from '../features/figures/today.tsx';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { HealthBar } from '../features/health/health-bar.tsx';
import { LoadingNote } from '../features/health/loading-note.tsx';
import { IncidentPanel } from '../features/incident-panel/incident-panel.tsx';
import { IncidentQueue } from '../features/incident-queue/incident-queue.tsx';
import { Bell } from '../features/notifications/bell.tsx';
import { ReportList } from '../features/reports/report-list.tsx';
import { useSituationLayers } from '../features/situation/use-situation-layers.ts';
import { Ticker } from '../features/ticker/ticker.tsx';
import { markPainted } from '../live-store.ts';
import { areaCenter } from '../map/area-center.ts';
import { CityMap, type Hit } from '../map/city-map.tsx';
import { areaCode } from '../map/overlays.ts';
import { usePlaceLabels, usePlaceNames } from '../place-names.ts';
import { dark } from '../theme.ts';
import { clockSeconds, longDate } from '../time.ts';
import { RampLegend } from '../ui/ramp-legend.tsx';
import { useNow } from '../ui/use-now.ts';
import type { Language, Selection } from '../url-state.ts';
import { useUrlState } from '../use-url-state.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** The wall: what happens now, readable from five metres, for days without a hand on it. */
export default function Wall() {
  const { t } = useTranslation();
  const [state, patch] = useUrlState();
  const { lang, selection } = state;
  const status = useStatus();
  const { data: catalogue = [] } = useLayers(Boolean(status.data?.loading));
  const names = usePlaceNames(catalogue);
  const places = usePlaceLabels(catalogue);
  const rootPx = useRootSize('wall');
  const isHandheld = useMediaQuery('(max-width: 899px)', false, { getInitialValueInEffect: false });
  // The whole district at once needs smaller marks than a street.
  const zoom = state.camera?.zoom ?? (isHandheld ? 10.4 : 11.6);
  const scale = (rootPx / 18) * (zoom < 11 ? 0.6 : zoom < 12.4 ? 0.82 : zoom < 13.8 ? 0.95 : 1.15);
  // Lines and names of the map, for the distance from which walls are read.
  const mapScale = Math.max(1, Math.round((rootPx / 20) * 10) / 10);
  const situation = useSituationLayers({
    catalogue,
    selection,
    palette: dark,
    scale,
    showCells: true,
    lineScale: mapScale,
  });
  const [flyTo, setFlyTo] = useState<{ key: string; lng: number; lat: number; zoom: number } | null>(null);

  const select = useCallback((next: Selection | null) => patch({ selection: next }), [patch]);
  const showIncident = useCallback(
    (incident: Incident) => {
      select({ kind: 'incident', id: incident.id });
      setFlyTo({ key: `incident:${incident.id}:${Date.now()}`, lng: incident.lon, lat: incident.lat, zoom: 14.6 });
    },
    [select],
  );
  const showArea = useCallback(
    (code: string, zoom: number) => {
      const center = areaCenter(situation.cells, (cell) => areaCode(cell).startsWith(code.replace(/000$/, '')));
      if (center) setFlyTo({ key: `area:${code}:${Date.now()}`, ...center, zoom });
    },
    [situation.cells],
  );
  const showCell = useCallback(
    (code: string) => {
      select({ kind: 'cell', code });
      const center = areaCenter(situation.cells, (cell) => areaCode(cell) === code);
      if (center) setFlyTo({ key: `cell:${code}:${Date.now()}`, ...center, zoom: 14.8 });
    },
    [select, situation.cells],
  );
  const onHit = useCallback(
    (hit: Hit | null) => {
      if (hit?.kind === 'overlay' && hit.layer === 'incidents') showIncident(hit.object as Incident);
      else if (hit?.kind === 'overlay' && hit.layer === 'grid-cells') {
        select({ kind: 'cell', code: areaCode(hit.object as { properties: Record<string, unknown> }) });
      } else select(null);
    },
    [select, showIncident],
  );
  useShortcuts(useCallback(() => select(null), [select]));

  const cell = useMemo(
    () =>
      selection?.kind === 'cell'
        ? situation.cells?.features.find((feature) => areaCode(feature) === selection.code)
        : undefined,
    [selection, situation.cells],
  );
  const { version } = situation;
  const onDrawn = useCallback(() => markPainted(version), [version]);

  const sheet = state.sheet === 'figures' ? 'figures' : 'queue';
  return (
    <div className="om-wall" data-sheet={sheet}>
      <header className="om-wall-top">
        <Brand />
        <WallClock lang={lang} />
        <HealthBar lang={lang} />
        <Bell lang={lang} />
        <ViewSwitch view="wall" lang={lang} />
      </header>
      <ConnectionBanner lang={lang} />
      <main id="main" className="om-wall-main">
        <div className="om-wall-left">
          <IncidentQueue
            lang={lang}
            names={names}
            selected={selection?.kind === 'incident' ? selection.id : null}
            onSelect={showIncident}
          />
        </div>
        <div className="om-wall-center">
          <CityMap
            palette={dark}
            label={t('map.label')}
            catalogue={catalogue}
            camera={state.camera}
            onCamera={(camera) => patch({ camera }, true)}
            shown={[]}
            under={situation.under}
            over={situation.over}
            onHit={onHit}
            onDrawn={onDrawn}
            flyTo={flyTo}
            places={places}
            scale={mapScale}
          >
            <RampLegend title={t('legend.load')} ramp={dark.load} max={situation.max} hasZero lang={lang} />
            <LoadingNote lang={lang} />
          </CityMap>
          {selection?.kind === 'incident' && (
            <IncidentPanel id={selection.id} lang={lang} names={names} onClose={() => select(null)} onCell={showCell}>
              <ReportList key={selection.id} id={selection.id} lang={lang} onSelect={showIncident} />
            </IncidentPanel>
          )}
          {selection?.kind === 'cell' && (
            <CellPanel
              code={selection.code}
              cell={cell}
              lang={lang}
              names={names}
              catalogue={catalogue}
              onClose={() => select(null)}
              onIncident={showIncident}
            />
          )}
        </div>
        <div className="om-wall-right">
          <Today lang={lang} />
          <Ranking level="town" limit={4} lang={lang} names={names} onSelect={(code) => showArea(code, 12.6)} />
          <Ranking level="community" limit={5} lang={lang} names={names} onSelect={(code) => showArea(code, 14)} />
          <Categories lang={lang} limit={5} />
        </div>
        <div className="om-wall-bottom">
          <HourStrip lang={lang} palette={dark} fontSize={rootPx * 0.72} />
        </div>
      </main>
      <nav className="om-sheets" aria-label={t('app.views')}>
        {(['queue', 'figures'] as const).map((item) => (
          <button key={item} type="button" aria-pressed={sheet === item} onClick={() => patch({ sheet: item }, true)}>
            {t(`wall.sheet.${item}`)}
          </button>
        ))}
      </nav>
      <Ticker names={names} />
    </div>
  );
}

function WallClock({ lang }: { lang: Language }) {
  const now = useNow(1_000);
  return (
    <time className="om-clock" dateTime={new Date(now).toISOString()}>
      <b>{clockSeconds(now, lang)}</b>
      <span>{longDate(now, lang)}</span>
    </time>
  );
}
