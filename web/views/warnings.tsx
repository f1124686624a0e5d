import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import type { Alert } from '../../server/app.ts';
import { cancelAlert, isInForce, issueAlert, useAlertPreview, useAllAlerts } from '../alerts.ts';
import { useBoundaries, useLayers } from '../api/layers.ts';
import { ApiError } from '../api/request.ts';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { HealthBar } from '../features/health/health-bar.tsx';
import {
  blankWarning,
  draftOf,
  faultsOf,
  inputOf,
  readableXml,
  timeOf,
  type WarningDraft,
} from '../features/warnings/warning-draft.ts';
import { WarningForm } from '../features/warnings/warning-form.tsx';
import { standingOf, WarningList } from '../features/warnings/warning-list.tsx';
import { pick } from '../i18n/i18n.ts';
import { alertBounds, alertLayers } from '../map/alert-layers.ts';
import type { FlyTo, Hit } from '../map/city-map.tsx';
import type { DrawMode } from '../map/draw-mode.ts';
import type { Drawing } from '../map/drawing.ts';
import { areaCode, paintedAreas } from '../map/overlays.ts';
import { loadOf, placeText, usePlaceLabels, usePlaceNames, type PlaceNames } from '../place-names.ts';
import type { DrawnShape } from '../shape.ts';
import { light } from '../theme.ts';
import { dateTime } from '../time.ts';
import { AlertFacts } from '../ui/alert-facts.tsx';
import { Answer, Failure } from '../ui/answer.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { dropDraft, findDraft, keepDraft } from '../ui/drafts.ts';
import { Panel } from '../ui/panel.tsx';
import { useNow } from '../ui/use-now.ts';
import { makeId } from '../make-id.ts';
import { languageQuery, type Language } from '../url-state.ts';
import { useUrlState } from '../use-url-state.ts';
import { DrawMap } from './draw-map.tsx';
import { idInAddress } from './id-in-address.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** Time in which somebody goes on writing before the message is made again. */
const SETTLE_MS = 500;
const NOTHING: never[] = [];

/** Warnings: written, seen as the message they will be, issued, changed, called off; and all there have been. */
export default function Warnings() {
  const { t } = useTranslation();
  const [{ lang }] = useUrlState();
  useRootSize('desk');
  const { id: wanted } = useParams<{ id?: string }>();
  const id = idInAddress(wanted);
  const { data: catalogue = NOTHING } = useLayers();
  const names = usePlaceNames(catalogue);
  const places = usePlaceLabels(catalogue);
  const query = useAllAlerts();
  const now = Math.floor(useNow(15_000) / 15_000) * 15_000;
  const alerts = query.data ?? NOTHING;
  const chosen = id === null ? undefined : alerts.find((alert) => alert.id === id);
  const [draft, setDraft] = useState<WarningDraft | null>(null);
  const search = languageQuery(lang);
  const open = useCallback((next: string) => navigate(`/warnings/${next}${search}`), [search]);
  // Another warning, or none: what was written belongs to the one before, and is there again when that is.
  const form = `warning ${wanted}`;
  const [of, setOf] = useState<string | undefined>(undefined);
  /** The draft as it was begun: nobody has written anything yet. */
  const [begun, setBegun] = useState<WarningDraft | null>(null);
  const begin = (next: WarningDraft | null) => {
    setBegun(next);
    setDraft(findDraft<WarningDraft>(form) ?? next);
  };
  if (of !== wanted) {
    setOf(wanted);
    begin(wanted === 'new' ? blankWarning(now) : null);
  }
  useEffect(() => {
    if (draft !== null && draft !== begun) keepDraft(form, draft);
  }, [draft, begun, form]);
  const leave = () => (draft?.replaces === null ? open('') : setDraft(null));

  const [drawMode, setDrawMode] = useState<DrawMode | null>(null);
  const control = useRef<Drawing | null>(null);
  const change = useCallback(
    (changes: Partial<WarningDraft>) => setDraft((before) => (before === null ? null : { ...before, ...changes })),
    [],
  );
  const onDrawn = useCallback((shape: DrawnShape) => {
    setDrawMode(null);
    setDraft((before) => (before === null ? null : { ...before, shapes: [...before.shapes, shape] }));
  }, []);
  useShortcuts(useCallback(() => setDrawMode(null), []));

  const level = draft?.way === 'town' || draft?.way === 'community' || draft?.way === 'grid' ? draft.way : null;
  const boundaries = useBoundaries(
    level ?? 'town',
    level === null
      ? null
      : loadOf(catalogue, { town: 'town_boundary', community: 'community_boundary', grid: 'governance_grid' }[level]),
  );
  const cells = level === null ? undefined : boundaries.data;
  const color = light.severity[draft?.severity ?? 0];
  const under = useMemo(() => {
    const shown = draft !== null ? [draftShape(draft)] : chosen ? [chosen] : alerts.filter((a) => isInForce(a, now));
    return [
      ...alertLayers(shown, light),
      ...(cells
        ? paintedAreas('area-counts', cells, new Map((draft?.codes ?? []).map((code) => [code, color])), null, light)
        : []),
    ];
  }, [draft, chosen, alerts, now, cells, color]);
  const onHit = useCallback(
    (hit: Hit | null) => {
      if (level === null || hit?.kind !== 'overlay' || hit.layer !== 'area-counts') return;
      const code = areaCode(hit.object as { properties: Record<string, unknown> });
      setDraft((before) => {
        if (before === null) return null;
        const codes = before.codes.includes(code)
          ? before.codes.filter((each) => each !== code)
          : [...before.codes, code];
        const titles = codes.map((each) => placeText(each, names));
        return { ...before, codes, areaName: { zh: titles.join('、'), en: titles.join(', ') } };
      });
    },
    [level, names],
  );
  const flyTo = useMemo((): FlyTo | null => {
    const bounds = chosen ? alertBounds(chosen) : null;
    return bounds && chosen ? { key: `warning:${chosen.id}`, bounds } : null;
  }, [chosen]);

  return (
    <div className="om-lead om-rules">
      <header className="om-top">
        <Brand />
        <HealthBar lang={lang} />
        <ViewSwitch view="warnings" lang={lang} />
      </header>
      <ConnectionBanner lang={lang} />
      <main id="main" className="om-rules-main om-warn-main" data-open={wanted === undefined ? undefined : true}>
        <div className="om-rules-side">
          <Answer query={query}>{(all) => <WarningList alerts={all} selected={id} now={now} lang={lang} />}</Answer>
        </div>
        <DrawMap {...{ catalogue, under, onHit, flyTo, places }} drawing={{ mode: drawMode, onDrawn, control }} />
        <div className="om-rules-desk">
          {draft !== null ? (
            <Desk
              key={`${wanted}:${draft.replaces}`}
              {...{ draft, lang, names, now }}
              onChange={change}
              onDraw={setDrawMode}
              onIssued={(alert) => {
                dropDraft(form);
                setDraft(null);
                void query.refetch();
                open(String(alert.id));
              }}
              onClose={leave}
              onDiscard={
                draft === begun
                  ? null
                  : () => {
                      dropDraft(form);
                      leave();
                    }
              }
            />
          ) : chosen ? (
            <Chosen
              alert={chosen}
              {...{ lang, now }}
              onUpdate={() => begin(draftOf(chosen, Date.now()))}
              onCancelled={() => void query.refetch()}
            />
          ) : (
            <p className="om-state">{t(id !== null && query.data !== undefined ? 'warn.unknown' : 'warn.welcome')}</p>
          )}
        </div>
      </main>
    </div>
  );
}

/** What is drawn of a draft; cells are painted as cells. */
function draftShape({ severity, shapes, kept }: WarningDraft): Pick<Alert, 'severity' | 'areas'> {
  const polygons = shapes.flatMap((shape) =>
    shape.kind === 'polygon'
      ? [[...shape.path, shape.path[0] ?? [0, 0]].map(([x, y]): [number, number] => [x, y])]
      : [],
  );
  const circles = shapes.flatMap((shape): [number, number, number][] =>
    shape.kind === 'circle' ? [[shape.at[0], shape.at[1], shape.metres / 1000]] : [],
  );
  const area = {
    description: { zh: '', en: '' },
    polygons: [...kept.polygons, ...polygons],
    circles: [...kept.circles, ...circles],
    geocodes: [],
  };
  return { severity, areas: [area] };
}

/** What was written, once nobody has changed it for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function Desk(props: {
  draft: WarningDraft;
  lang: Language;
  names: PlaceNames;
  now: number;
  onChange: (changes: Partial<WarningDraft>) => void;
  onDraw: (mode: DrawMode | null) => void;
  onIssued: (alert: Alert) => void;
  /** Leaves it; what was written is kept. */
  onClose: () => void;
  /** Gives up what was written; null: nothing was. */
  onDiscard: (() => void) | null;
}) {
  const { draft, lang, names, now, onChange, onDraw, onIssued, onClose, onDiscard } = props;
  const { t } = useTranslation();
  // Made once: the same warning sent twice is one.
  const [id] = useState(makeId);
  const [isTried, setIsTried] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const settled = useSettled(draft);
  const faults = faultsOf(draft, now);
  const isRight = Object.keys(faults).length === 0;
  const preview = useAlertPreview(Object.keys(faultsOf(settled, now)).length === 0 ? inputOf(settled) : null);
  const failed = error ?? preview.error;
  const refusal = failed instanceof ApiError && failed.field !== null ? failed : null;
  const issue = () => {
    setIsSending(true);
    setError(null);
    issueAlert({ id, ...inputOf(draft) })
      .then(onIssued)
      .catch(setError)
      .finally(() => setIsSending(false));
  };
  return (
    <>
      <Panel
        title={draft.replaces === null ? t('warn.new') : t('warn.updateOf', { id: draft.replaces })}
        aside={
          <button type="button" className="om-close" onClick={onClose} aria-label={t('panel.close')}>
            ✕
          </button>
        }
      >
        <form
          aria-label={t('warn.new')}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            setIsTried(true);
            if (!isRight || isSending) return;
            // Red is for danger to life: nobody issues it by a slip.
            if (draft.severity === 1) setIsAsking(true);
            else issue();
          }}
        >
          <WarningForm {...{ draft, lang, names, onChange, onDraw, refusal }} faults={isTried ? faults : {}} />
          {failed && refusal === null && <Failure error={failed} />}
          {isTried && !isRight && (
            <p className="om-tone-bad" role="alert">
              {t('warn.faults', { count: Object.keys(faults).length })}
            </p>
          )}
          <div className="om-actions om-warn-send">
            <button type="submit" className="om-button om-button-strong" disabled={isSending}>
              {t(isSending ? 'warn.sending' : draft.replaces === null ? 'warn.issue' : 'warn.update')}
            </button>
            {onDiscard && (
              <button type="button" className="om-button" disabled={isSending} onClick={onDiscard}>
                {t('warn.discard')}
              </button>
            )}
          </div>
        </form>
      </Panel>
      <Panel title={t('warn.preview')} canFold>
        {isRight && preview.data ? (
          <pre className="om-cap" tabIndex={0} aria-label={t('warn.preview')} data-testid="cap">
            {readableXml(preview.data.cap)}
          </pre>
        ) : (
          <p className="om-dim">{t('warn.previewHelp')}</p>
        )}
      </Panel>
      {isAsking && (
        <ConfirmDialog
          title={t('warn.confirmRed')}
          confirm={t('warn.issueRed')}
          onConfirm={issue}
          onClose={() => setIsAsking(false)}
        >
          <p>
            <b>{pick(draft.headline, lang)}</b>
          </p>
          <p>
            {pick(draft.areaName, lang)} · {t('alerts.until', { time: dateTime(timeOf(draft.expires), lang) })}
          </p>
          <p className="om-dim">{t('warn.confirmRedHelp')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Chosen(props: { alert: Alert; lang: Language; now: number; onUpdate: () => void; onCancelled: () => void }) {
  const { alert, lang, now, onUpdate, onCancelled } = props;
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const cancel = () => {
    setError(null);
    cancelAlert(alert.id).then(onCancelled).catch(setError);
  };
  const standing = standingOf(alert, now);
  return (
    <Panel
      title={t('warn.one', { id: alert.id })}
      aside={<span className="om-dim">{t(`warn.state.${standing}`)}</span>}
    >
      <AlertFacts alert={alert} lang={lang} />
      {standing === 'active' && (
        <div className="om-actions">
          <button type="button" className="om-button om-button-strong" onClick={onUpdate}>
            {t('warn.change')}
          </button>
          <button type="button" className="om-button" onClick={() => setIsAsking(true)}>
            {t('warn.cancel')}
          </button>
        </div>
      )}
      {alert.replacedBy !== null && <p className="om-dim">{t('warn.replacedBy', { id: alert.replacedBy })}</p>}
      {error && <Failure error={error} />}
      {isAsking && (
        <ConfirmDialog
          title={t('warn.confirmCancel')}
          confirm={t('warn.cancel')}
          onConfirm={cancel}
          onClose={() => setIsAsking(false)}
        >
          <p>
            <b>{pick(alert.headline, lang)}</b>
          </p>
          <p className="om-dim">{t('warn.confirmCancelHelp')}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}
