import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Alert, Incident } from '../../server/app.ts';
import { useLayers, useSituationCard, useStatus } from '../api.ts';
import { AlertBanner } from '../features/alerts/alert-banner.tsx';
import { useAlerts } from '../features/alerts/use-alerts.ts';
import { CellPanel } from '../features/cell-panel/cell-panel.tsx';
import { HourStrip } from '../features/figures/hour-strip.tsx';
import { Categories, Ranking } from '../features/figures/rankings.tsx';
import { Today } from '../features/figures/today.tsx';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { HealthBar } from '../features/health/health-bar.tsx';
import { LoadingNote } from '../features/health/loading-note.tsx';
import { IncidentPanel } from '../features/incident-panel/incident-panel.tsx';
import { IncidentQueue } from '../features/incident-queue/incident-queue.tsx';
import { ReplayBar } from '../features/replay/replay-bar.tsx';
import type { Spot } from '../features/situation-card/nearby-list.tsx';
import { SituationCard } from '../features/situation-card/situation-card.tsx';
import { useCardLayers } from '../features/situation-card/use-card-layers.ts';
import { AlarmStrip } from '../features/rules/alarm-strip.tsx';
import { MovingNote } from '../features/moving/moving-note.tsx';
import { MovingSwitch } from '../features/moving/moving-switch.tsx';
import { useMoving } from '../features/moving/use-moving.ts';
import { Bell } from '../features/notifications/bell.tsx';
import { ReportList } from '../features/reports/report-list.tsx';
import { useSituationLayers } from '../features/situation/use-situation-layers.ts';
import { Ticker } from '../features/ticker/ticker.tsx';
import { markPainted, useLive } from '../live-store.ts';
import { alertBounds, alertLayers } from '../map/alert-layers.ts';
import { areaCenter } from '../map/area-center.ts';
import { CityMap, type FlyTo, type Hit } from '../map/city-map.tsx';
import { MOVING_LAYER } from '../map/moving-layers.ts';
import type { Vehicle } from '../map/moving-track.ts';
import { areaCode } from '../map/overlays.ts';
import { usePlaceLabels, usePlaceNames } from '../place-names.ts';
import { dark } from '../theme.ts';
import { clockSeconds, longDate } from '../time.ts';
import { AlertFacts } from '../ui/alert-facts.tsx';
import { Panel } from '../ui/panel.tsx';
import { RampLegend } from '../ui/ramp-legend.tsx';
import { useNow } from '../ui/use-now.ts';
import { type Language, languageQuery, type Selection, toggleLayer } from '../url-state.ts';
import { useUrlState } from '../use-url-state.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** Metres around an incident, unless somebody chose others. */
const CARD_METRES = 200;
/** Zoom at which the circle of the card is seen as a whole beside it. */
const CARD_ZOOM = 15.4;
/** Half the width of the card, rem: so far left of the middle of the map the place comes to lie. */
const HALF_CARD = 17.5;
const NOTHING: never[] = [];

/** The wall: what happens now, readable from five metres, for days without a hand on it. */
export default function Wall() {
  const { t } = useTranslation();
  const [state, patch] = useUrlState();
  const { lang, selection, card: cardMetres } = state;
  const status = useStatus();
  const { data: catalogue = NOTHING } = useLayers(Boolean(status.data?.loading));
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
  const [flyTo, setFlyTo] = useState<FlyTo | null>(null);
  const alerts = useAlerts();
  const under = useMemo(
    () => [...situation.under, ...alertLayers(alerts, dark, mapScale)],
    [situation.under, alerts, mapScale],
  );
  const movingShown = useMemo(
    () => catalogue.filter((layer) => layer.moving !== null && state.layers.some(({ id }) => id === layer.id)),
    [catalogue, state.layers],
  );
  const moving = useMoving({ shown: movingShown, zoom, palette: dark, scale: mapScale });
  const [vehicle, setVehicle] = useState<string | null>(null);
  const onToggle = useCallback((id: string) => patch((now) => ({ layers: toggleLayer(now.layers, id) })), [patch]);

  const incidentId = selection?.kind === 'incident' ? selection.id : null;
  const hasCard = incidentId !== null && cardMetres !== null;
  const subject = useMemo(() => (hasCard ? { incident: incidentId } : null), [hasCard, incidentId]);
  const card = useSituationCard(subject, cardMetres ?? CARD_METRES);
  const [spot, setSpot] = useState<Spot | null>(null);
  const [spotOf, setSpotOf] = useState<string | null>(null);
  const cardLayers = useCardLayers(hasCard ? card.data : undefined, spot, dark);
  // Incidents lie above what moves.
  const over = useMemo(
    () => [...cardLayers, ...moving.layers, ...situation.over],
    [cardLayers, moving.layers, situation.over],
  );

  const [warningId, setWarningId] = useState<number | null>(null);
  const select = useCallback(
    (next: Selection | null) => {
      setSpot(null);
      setWarningId(null);
      patch({ selection: next });
    },
    [patch],
  );
  const showIncident = useCallback(
    (incident: Incident) => {
      select({ kind: 'incident', id: incident.id });
      setFlyTo({ key: `incident:${incident.id}:${Date.now()}`, lng: incident.lon, lat: incident.lat, zoom: 14.6 });
    },
    [select],
  );
  const offset = useMemo(
    (): [number, number] => (isHandheld ? [0, 0] : [-HALF_CARD * rootPx, 0]),
    [isHandheld, rootPx],
  );
  const [cardLng, cardLat] = hasCard ? (card.data?.at ?? []) : [];
  /** The place of the card is looked at, until somebody wants to see another while it is open. */
  const cardPlace = useMemo(
    () =>
      cardLng === undefined || cardLat === undefined
        ? null
        : { key: `card:${cardLng},${cardLat}`, lng: cardLng, lat: cardLat, zoom: CARD_ZOOM, offset },
    [cardLng, cardLat, offset],
  );
  const showSpot = useCallback(
    (next: Spot) => {
      setSpot(next);
      const [toLng, toLat] = next.at;
      setFlyTo({ key: `spot:${toLng},${toLat}:${Date.now()}`, lng: toLng, lat: toLat, zoom: CARD_ZOOM, offset });
      setSpotOf(cardPlace?.key ?? null);
    },
    [offset, cardPlace],
  );
  const showAlarm = useCallback(
    (place: { lng: number; lat: number }) => setFlyTo({ key: `alarm:${Date.now()}`, ...place, zoom: 14.6 }),
    [],
  );
  const warning = alerts.find(({ id }) => id === warningId);
  const showWarning = useCallback(
    (alert: Alert) => {
      if (alert.id === warningId) return setWarningId(null);
      select(null);
      setWarningId(alert.id);
      const bounds = alertBounds(alert);
      return bounds ? setFlyTo({ key: `warning:${alert.id}:${Date.now()}`, bounds }) : undefined;
    },
    [select, warningId],
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
      setVehicle(hit?.kind === 'overlay' && hit.layer === MOVING_LAYER ? (hit.object as Vehicle).id : null);
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

  const asOf = useReplayedMinute();
  const sheet = state.sheet === 'figures' ? 'figures' : 'queue';
  return (
    <div className="om-wall" data-sheet={sheet} data-replay={state.replay ? true : undefined}>
      <header className="om-wall-top">
        <Brand />
        <WallClock lang={lang} />
        {state.replay ? <span className="om-spacer" /> : <HealthBar lang={lang} />}
        <Bell lang={lang} />
        <ViewSwitch view="wall" lang={lang} />
      </header>
      {state.replay ? (
        <ReplayBar state={state.replay} lang={lang} onChange={patch} />
      ) : (
        <ConnectionBanner lang={lang} />
      )}
      <AlertBanner alerts={alerts} lang={lang} selected={warning?.id ?? null} onSelect={showWarning} />
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
            under={under}
            over={over}
            onHit={onHit}
            onDrawn={onDrawn}
            flyTo={cardPlace !== null && spotOf !== cardPlace.key ? cardPlace : flyTo}
            places={places}
            scale={mapScale}
          >
            <RampLegend title={t('legend.load')} ramp={dark.load} max={situation.max} hasZero lang={lang} />
            <div className="om-moving-corner">
              <MovingSwitch catalogue={catalogue} shown={state.layers} lang={lang} onToggle={onToggle} />
              <MovingNote {...moving} shown={movingShown} selected={vehicle} lang={lang} />
            </div>
            <LoadingNote lang={lang} />
          </CityMap>
          <AlarmStrip lang={lang} onSelect={showAlarm} />
          {incidentId !== null && !hasCard && (
            <>
              <IncidentPanel id={incidentId} lang={lang} names={names} onClose={() => select(null)} onCell={showCell}>
                <ReportList key={incidentId} id={incidentId} lang={lang} onSelect={showIncident} />
              </IncidentPanel>
              <button
                type="button"
                className="om-button om-button-strong om-situation-open"
                onClick={() => patch({ card: CARD_METRES })}
              >
                {t('card.open')}
              </button>
            </>
          )}
          {hasCard && (
            <SituationCard
              query={card}
              incident={incidentId}
              radius={cardMetres}
              lang={lang}
              aside={
                <button type="button" className="om-button" onClick={() => patch({ card: null })}>
                  {t('card.back')}
                </button>
              }
              onRadius={(metres) => patch({ card: metres }, true)}
              onClose={() => select(null)}
              onSpot={showSpot}
              onIncident={showIncident}
            />
          )}
          {warning && (
            <Panel
              className="om-detail"
              title={t('alerts.title')}
              aside={
                <button
                  type="button"
                  className="om-close"
                  onClick={() => setWarningId(null)}
                  aria-label={t('panel.close')}
                >
                  ✕
                </button>
              }
            >
              <AlertFacts alert={warning} lang={lang} />
              <Link href={`/warnings/${warning.id}${languageQuery(lang)}`}>{t('warn.manage')}</Link>
            </Panel>
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
          <Categories lang={lang} limit={5} at={asOf} />
        </div>
        <div className="om-wall-bottom">
          <HourStrip
            lang={lang}
            palette={dark}
            fontSize={rootPx * 0.72}
            at={asOf}
            onHour={(at) => patch({ replay: { at, speed: state.replay?.speed ?? 10, isPaused: false } })}
          />
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

/** The minute that a replay has reached, ISO 8601; null while the wall is live. */
function useReplayedMinute(): string | null {
  const minute = useLive(({ replay }) => (replay ? Math.floor(replay.now / 60_000) : null));
  return minute === null ? null : new Date(minute * 60_000).toISOString();
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
