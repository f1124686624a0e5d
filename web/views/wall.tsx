import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Alarm, Alert, Incident } from '../../server/app.ts';
import { useSituationCard } from '../api/incidents.ts';
import { useLayers } from '../api/layers.ts';
import { AlertBanner } from '../features/alerts/alert-banner.tsx';
import { useAlerts } from '../features/alerts/use-alerts.ts';
import { CellPanel } from '../features/cell-panel/cell-panel.tsx';
import { allowChime } from '../features/attention/chime.ts';
import { RedBanner } from '../features/attention/red-banner.tsx';
import { useFollowNewest } from '../features/attention/use-follow-newest.ts';
import { HourStrip } from '../features/figures/hour-strip.tsx';
import { Categories, Ranking } from '../features/figures/rankings.tsx';
import { Today } from '../features/figures/today.tsx';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { HealthBar } from '../features/health/health-bar.tsx';
import { LoadingNote } from '../features/health/loading-note.tsx';
import { HandoverSheet } from '../features/handover/handover-sheet.tsx';
import { IncidentPanel } from '../features/incident-panel/incident-panel.tsx';
import { IncidentQueue } from '../features/incident-queue/incident-queue.tsx';
import { ReplayBar } from '../features/replay/replay-bar.tsx';
import type { Spot } from '../features/situation-card/nearby-list.tsx';
import { CARD_METRES } from '../features/situation-card/card-metres.ts';
import { OpenCard } from '../features/situation-card/open-card.tsx';
import { SituationCard } from '../features/situation-card/situation-card.tsx';
import { useCardLayers } from '../features/situation-card/use-card-layers.ts';
import { AlarmStrip, useOpenAlarms } from '../features/rules/alarm-strip.tsx';
import { MovingNote } from '../features/moving/moving-note.tsx';
import { MovingSwitch } from '../features/moving/moving-switch.tsx';
import { useMoving } from '../features/moving/use-moving.ts';
import { Bell } from '../features/notifications/bell.tsx';
import { ReportList } from '../features/reports/report-list.tsx';
import { ShortcutSheet } from '../features/shortcuts/shortcut-sheet.tsx';
import { WallTools } from '../features/shortcuts/wall-tools.tsx';
import { useSituationLayers } from '../features/situation/use-situation-layers.ts';
import { byUrgency } from '../situation.ts';
import { Ticker } from '../features/ticker/ticker.tsx';
import { usePace } from '../frame-pace.ts';
import { markPainted, useLive } from '../live-store.ts';
import { alarmLayer } from '../map/alarm-layer.ts';
import { DISTRICT_BBOX } from '../map/base-style.ts';
import { alertBounds, alertLayers } from '../map/alert-layers.ts';
import { areaCenter } from '../map/area-center.ts';
import { CityMap, type FlyTo, type Hit } from '../map/city-map.tsx';
import { MOVING_LAYER } from '../map/moving-layers.ts';
import type { Vehicle } from '../map/moving-track.ts';
import { areaCode } from '../map/overlays.ts';
import { usePlaceLabels, usePlaceNames } from '../place-names.ts';
import { dark } from '../theme.ts';
import { clock, clockSeconds, longDate } from '../time.ts';
import { AlertFacts } from '../ui/alert-facts.tsx';
import { Panel } from '../ui/panel.tsx';
import { RampLegend } from '../ui/ramp-legend.tsx';
import { useNow } from '../ui/use-now.ts';
import { useRemembered } from '../ui/use-remembered.ts';
import { type Language, languageQuery, type Selection, toggleLayer } from '../url-state.ts';
import { useUrlState } from '../use-url-state.ts';
import { nightShift } from './night-shift.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useWallKeys } from './use-wall-keys.ts';

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
  const { data: catalogue = NOTHING } = useLayers();
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
  const isReplay = state.replay !== null;
  // Where vehicles are now says nothing of the past that is being replayed.
  const movingShown = useMemo(
    () =>
      isReplay
        ? NOTHING
        : catalogue.filter((layer) => layer.moving !== null && state.layers.some(({ id }) => id === layer.id)),
    [catalogue, state.layers, isReplay],
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
  const [alarmId, setAlarmId] = useState<number | null>(null);
  // What is open now says nothing of the past that is being replayed.
  const alarms = useOpenAlarms()?.alarms;
  const alarmRings = useMemo(
    () => (alarms && !isReplay ? [alarmLayer(alarms, dark, { scale: mapScale, selected: alarmId })] : NOTHING),
    [alarms, isReplay, mapScale, alarmId],
  );
  // Incidents lie above what moves, and above the rings of alarms.
  const over = useMemo(
    () => [...cardLayers, ...moving.layers, ...alarmRings, ...situation.over],
    [cardLayers, moving.layers, alarmRings, situation.over],
  );

  const [warningId, setWarningId] = useState<number | null>(null);
  const select = useCallback(
    (next: Selection | null) => {
      setSpot(null);
      setWarningId(null);
      setAlarmId(null);
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
    ({ id, lon, lat, incident }: Alarm) => {
      // What it has opened says more than it does.
      select(incident === null ? null : { kind: 'incident', id: incident });
      setAlarmId(id);
      if (lon !== null && lat !== null) setFlyTo({ key: `alarm:${Date.now()}`, lng: lon, lat, zoom: 14.6 });
    },
    [select],
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
      else if (hit?.kind === 'overlay' && hit.layer === 'alarms') showAlarm(hit.object as Alarm);
      else if (hit?.kind === 'overlay' && hit.layer === 'grid-cells') {
        select({ kind: 'cell', code: areaCode(hit.object as { properties: Record<string, unknown> }) });
      } else select(null);
    },
    [select, showIncident, showAlarm],
  );
  useShortcuts(useCallback(() => select(null), [select]));

  const [isFollowing, setIsFollowing] = useState(false);
  const [isHeard, toggleHeard] = useRemembered('onemap-wall-sound');
  const [isNight, toggleNight] = useRemembered('onemap-wall-night');
  const [sheetOpen, setSheetOpen] = useState<'help' | 'handover' | null>(null);
  useFollowNewest(
    isFollowing && !isReplay,
    showIncident,
    useCallback(() => setIsFollowing(false), []),
  );
  // Of those that were on when the page was opened: the first touch lets it be heard.
  useEffect(() => {
    if (!isHeard) return undefined;
    document.addEventListener('pointerdown', allowChime, { once: true });
    document.addEventListener('keydown', allowChime, { once: true });
    return () => {
      document.removeEventListener('pointerdown', allowChime);
      document.removeEventListener('keydown', allowChime);
    };
  }, [isHeard]);
  /** The incident `by` places further in the queue, from the one that is looked at. */
  const step = useCallback(
    (by: 1 | -1) => {
      const now = useLive.getState().situation;
      if (!now) return;
      const queue = [...now.incidents.values()].toSorted(byUrgency(now));
      const at = queue.findIndex(({ id }) => id === incidentId);
      const next = queue[at < 0 ? 0 : Math.min(queue.length - 1, Math.max(0, at + by))];
      if (next) showIncident(next);
    },
    [incidentId, showIncident],
  );
  const tools = useMemo(
    () => [
      ...(isReplay
        ? []
        : [
            { id: 'follow', letter: 'F', isOn: isFollowing, onUse: () => setIsFollowing(!isFollowing) } as const,
            {
              id: 'sound',
              letter: 'M',
              isOn: isHeard,
              onUse: () => {
                allowChime();
                toggleHeard();
              },
            } as const,
          ]),
      { id: 'night', letter: 'N', isOn: isNight, onUse: toggleNight } as const,
      { id: 'handover', letter: 'H', onUse: () => setSheetOpen('handover') } as const,
      { id: 'help', letter: '?', onUse: () => setSheetOpen('help') } as const,
    ],
    [isReplay, isFollowing, isHeard, toggleHeard, isNight, toggleNight],
  );
  useWallKeys(
    useMemo(
      () => ({
        ...Object.fromEntries(tools.map(({ letter, onUse }) => [letter.toLowerCase(), onUse])),
        j: () => step(1),
        k: () => step(-1),
        c: () => incidentId !== null && patch({ card: cardMetres === null ? CARD_METRES : null }),
        '0': () => setFlyTo({ key: `district:${Date.now()}`, bounds: DISTRICT_BBOX }),
      }),
      [tools, step, incidentId, cardMetres, patch],
    ),
  );

  const cell = useMemo(
    () =>
      selection?.kind === 'cell'
        ? situation.cells?.features.find((feature) => areaCode(feature) === selection.code)
        : undefined,
    [selection, situation.cells],
  );
  const isSlow = usePace((pace) => pace.isSlow);
  const { version } = situation;
  const onDrawn = useCallback(() => markPainted(version), [version]);

  const onHour = useCallback(
    (at: number) => patch((now) => ({ replay: { at, speed: now.replay?.speed ?? 10, isPaused: false } })),
    [patch],
  );
  const asOf = useReplayedMinute();
  const minute = Math.floor(useNow(60_000) / 60_000);
  const sheet = state.sheet === 'figures' ? 'figures' : 'queue';
  return (
    <div
      className="om-wall"
      data-sheet={sheet}
      data-replay={state.replay ? true : undefined}
      data-night={isNight || undefined}
      data-slow={isSlow || undefined}
      style={isNight ? { transform: nightShift(minute) } : undefined}
    >
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
        <div className="om-wall-center" data-card={hasCard || undefined}>
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
            <div className="om-wall-corner">
              <RampLegend title={t('legend.load')} ramp={dark.load} max={situation.max} hasZero lang={lang} />
              {!isReplay && <AlarmStrip lang={lang} selected={alarmId} onSelect={showAlarm} />}
            </div>
            {!isReplay && (
              <div className="om-moving-corner">
                <MovingSwitch catalogue={catalogue} shown={state.layers} lang={lang} onToggle={onToggle} />
                <MovingNote {...moving} shown={movingShown} selected={vehicle} lang={lang} />
              </div>
            )}
            <WallTools tools={tools} />
            <LoadingNote lang={lang} />
          </CityMap>
          {!isReplay && <RedBanner {...{ lang, names, isHeard }} selected={incidentId} onSelect={showIncident} />}
          {isFollowing && (
            <p className="om-following" role="status">
              {t('wall.following')}
            </p>
          )}
          {incidentId !== null && !hasCard && (
            <>
              <IncidentPanel id={incidentId} lang={lang} names={names} onClose={() => select(null)} onCell={showCell}>
                {!isReplay && <ReportList key={incidentId} id={incidentId} lang={lang} onSelect={showIncident} />}
              </IncidentPanel>
              <OpenCard onOpen={() => patch({ card: CARD_METRES })} />
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
          <HourStrip lang={lang} palette={dark} fontSize={rootPx * 0.72} at={asOf} onHour={onHour} />
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
      {sheetOpen === 'help' && <ShortcutSheet onClose={() => setSheetOpen(null)} />}
      {sheetOpen === 'handover' && (
        <HandoverSheet {...{ lang, names, alerts }} onClose={() => setSheetOpen(null)} onSelect={showIncident} />
      )}
    </div>
  );
}

/** The minute that a replay has reached, ISO 8601; null while the wall is live. */
function useReplayedMinute(): string | null {
  const minute = useLive(({ replay }) => (replay ? Math.floor(replay.now / 60_000) : null));
  return minute === null ? null : new Date(minute * 60_000).toISOString();
}

function WallClock({ lang }: { lang: Language }) {
  const isSlow = usePace((pace) => pace.isSlow);
  const now = useNow(1_000);
  return (
    <time className="om-clock" dateTime={new Date(now).toISOString()}>
      {/* Seconds would have the whole picture composed anew each second. */}
      <b>{isSlow ? clock(now, lang) : clockSeconds(now, lang)}</b>
      <span>{longDate(now, lang)}</span>
    </time>
  );
}
