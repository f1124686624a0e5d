import { useQueryClient } from '@tanstack/react-query';
import { TextInput } from '@mantine/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { navigate } from 'wouter/use-browser-location';
import { useParams } from 'wouter';
import type { Geometry } from 'geojson';
import type { Backtest, Rule, RuleDetail, RuleKind } from '../../server/app.ts';
import { removeRule, saveRule, switchRule, testRule, useAlarms, useRule } from '../alarms.ts';
import { useLayers } from '../api/layers.ts';
import { ApiError } from '../api/request.ts';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { HealthBar } from '../features/health/health-bar.tsx';
import { AlarmList } from '../features/rules/alarm-list.tsx';
import { BacktestPanel } from '../features/rules/backtest-panel.tsx';
import { blankRule, clean, isSame, toKind, type Area } from '../features/rules/rule-draft.ts';
import { faultsOfRule } from '../features/rules/rule-faults.ts';
import { RuleForm } from '../features/rules/rule-form.tsx';
import { RuleList } from '../features/rules/rule-list.tsx';
import { pick } from '../i18n/i18n.ts';
import { inBoth } from '../i18n/in-both.ts';
import type { DrawMode } from '../map/draw-mode.ts';
import type { Drawing } from '../map/drawing.ts';
import { alarmLayer } from '../map/alarm-layer.ts';
import { shapeLayer } from '../map/tool-layers.ts';
import { usePlaceLabels, usePlaceNames } from '../place-names.ts';
import { shapeGeometry, type DrawnShape } from '../shape.ts';
import { light } from '../theme.ts';
import { dateTime } from '../time.ts';
import { Answer, Failure } from '../ui/answer.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { dropDraft, findDraft, keepDraft } from '../ui/drafts.ts';
import { Panel } from '../ui/panel.tsx';
import { languageQuery } from '../url-state.ts';
import { useUrlState } from '../use-url-state.ts';
import { DrawMap } from './draw-map.tsx';
import { idInAddress } from './id-in-address.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';

const NO_FAULTS = {};

/** Texts of a new rule, in both languages. */
function firstTexts(kind: RuleKind): Pick<Rule, 'name' | 'title'> {
  return { name: inBoth(`rules.kind.${kind}`), title: inBoth(`rules.firstTitle.${kind}`) };
}

function areaOf(shape: DrawnShape): Area | null {
  if (shape.kind === 'circle') return { circle: { centre: shape.at, metres: shape.metres } };
  const geometry = shapeGeometry(shape);
  return geometry?.type === 'Polygon' ? { within: geometry } : null;
}

/** The outline of the drawn area of a rule, where it has one. */
function outlineOf(rule: Rule | null): Geometry | null {
  const find = (part: unknown): Geometry | null => {
    if (part === null || typeof part !== 'object') return null;
    const { within, circle } = part as { within?: unknown; circle?: { centre: [number, number]; metres: number } };
    if (circle) return shapeGeometry({ kind: 'circle', at: circle.centre, metres: circle.metres });
    if (within !== null && typeof within === 'object' && 'coordinates' in within) return within as Geometry;
    for (const each of Object.values(part)) {
      const found = find(each);
      if (found) return found;
    }
    return null;
  };
  return find(rule);
}

/** Rules: what is watched, written as sentences, tried on what happened, and the alarms they raise. */
export default function Rules() {
  const { t } = useTranslation();
  const [{ lang }] = useUrlState();
  useRootSize('desk');
  const { id: wanted } = useParams<{ id?: string }>();
  const id = idInAddress(wanted);
  const { data: catalogue = [] } = useLayers();
  const names = usePlaceNames(catalogue);
  const places = usePlaceLabels(catalogue);
  const alarms = useAlarms('open', 200);
  const [flyTo, setFlyTo] = useState<{ key: string; lng: number; lat: number; zoom: number } | null>(null);
  const showPlace = useCallback(
    (place: { lng: number; lat: number }) => setFlyTo({ key: `rule:${Date.now()}`, ...place, zoom: 14 }),
    [],
  );
  const [drawMode, setDrawMode] = useState<DrawMode | null>(null);
  const take = useRef<((area: Area) => void) | null>(null);
  const control = useRef<Drawing | null>(null);
  const onDraw = useCallback((next: ((area: Area) => void) | null, mode: DrawMode = 'polygon') => {
    take.current = next;
    setDrawMode(next === null ? null : mode);
  }, []);
  const onDrawn = useCallback((shape: DrawnShape) => {
    const area = areaOf(shape);
    if (area) take.current?.(area);
    take.current = null;
    setDrawMode(null);
  }, []);
  useShortcuts(useCallback(() => onDraw(null), [onDraw]));
  const [result, setResult] = useState<Backtest | null>(null);
  const [outline, setOutline] = useState<Geometry | null>(null);
  // Those that would have been look like those that are.
  const [testedSeverity, setTestedSeverity] = useState(0);
  const search = languageQuery(lang);
  const open = useCallback((next: string) => navigate(`/rules/${next}${search}`), [search]);

  const over = useMemo(() => {
    const found = result
      ? result.alarms.map(({ lon, lat }) => ({ lon, lat, severity: testedSeverity }))
      : (alarms.data?.alarms ?? []).map(({ lon, lat, severity }) => ({ lon, lat, severity }));
    return [...(outline ? [shapeLayer(outline, light)] : []), alarmLayer(found, light)];
  }, [result, alarms.data, outline, testedSeverity]);

  return (
    <div className="om-lead om-rules">
      <header className="om-top">
        <Brand />
        <HealthBar lang={lang} />
        <ViewSwitch view="rules" lang={lang} />
      </header>
      <ConnectionBanner lang={lang} />
      <main id="main" className="om-rules-main" data-open={wanted === undefined ? undefined : true}>
        <div className="om-rules-side">
          <RuleList lang={lang} selected={id} />
          <AlarmList lang={lang} onPlace={showPlace} />
        </div>
        <DrawMap {...{ catalogue, over, flyTo, places }} drawing={{ mode: drawMode, onDrawn, control }} />
        <div className="om-rules-desk">
          {wanted === undefined ? (
            <p className="om-state">{t('rules.welcome')}</p>
          ) : id === null ? (
            <Desk
              key="new"
              saved={null}
              {...{ lang, names, catalogue, onDraw, result, setResult, setOutline, setTestedSeverity, open }}
              onPlace={showPlace}
            />
          ) : (
            <Saved
              id={id}
              {...{ lang, names, catalogue, onDraw, result, setResult, setOutline, setTestedSeverity, open }}
              onPlace={showPlace}
            />
          )}
        </div>
      </main>
    </div>
  );
}

interface DeskProps {
  saved: RuleDetail | null;
  lang: ReturnType<typeof useUrlState>[0]['lang'];
  names: ReturnType<typeof usePlaceNames>;
  catalogue: NonNullable<ReturnType<typeof useLayers>['data']>;
  onDraw: (take: ((area: Area) => void) | null, mode?: 'polygon' | 'circle') => void;
  onPlace: (place: { lng: number; lat: number }) => void;
  result: Backtest | null;
  setResult: (result: Backtest | null) => void;
  setOutline: (outline: Geometry | null) => void;
  setTestedSeverity: (severity: number) => void;
  /** Goes to a rule. */
  open: (id: string) => void;
}

function Saved({ id, ...props }: Omit<DeskProps, 'saved'> & { id: number }) {
  const query = useRule(id);
  return (
    <Answer query={query}>
      {(rule) => {
        // What is being written is not taken away when somebody else saves meanwhile.
        const version = findDraft<Draft>(nameOf(id))?.version ?? rule.version;
        return <Desk key={`${id}.${version}`} saved={rule} {...props} />;
      }}
    </Answer>
  );
}

/** A rule as it is being written, and the version that it was begun from; 0: a new one. */
interface Draft {
  rule: Rule;
  version: number;
}

const nameOf = (id: number | null) => `rule ${id ?? 'new'}`;

/** One rule: its form, its back-test, and its switch. */
function Desk({
  saved,
  lang,
  names,
  catalogue,
  onDraw,
  onPlace,
  result,
  setResult,
  setOutline,
  setTestedSeverity,
  open,
}: DeskProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const form = nameOf(saved?.id ?? null);
  const [version] = useState(() => findDraft<Draft>(form)?.version ?? saved?.version ?? 0);
  const [rule, setRule] = useState<Rule>(
    () => findDraft<Draft>(form)?.rule ?? saved?.rule ?? blankRule('threshold', firstTexts('threshold')),
  );
  const [isRemoving, setIsRemoving] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<Error | null>(null);
  const latest = useRef(rule);
  const change = useCallback(
    (next: Rule) => {
      latest.current = next;
      setRule(next);
      setResult(null);
      setOutline(outlineOf(next));
      if (saved !== null && isSame(clean(next), saved.rule)) dropDraft(form);
      else keepDraft(form, { rule: next, version } satisfies Draft);
    },
    [setResult, setOutline, saved, form, version],
  );
  // The map shows the area of this rule, and nothing of the one before.
  useEffect(() => {
    setOutline(outlineOf(latest.current));
    return () => {
      setOutline(null);
      setResult(null);
    };
  }, [setOutline, setResult]);
  const isSaved = saved !== null && isSame(clean(rule), saved.rule);
  const act = (work: Promise<RuleDetail | void>, then?: (detail: RuleDetail) => void) => {
    setError(null);
    setIsBusy(true);
    work
      .then((detail) => {
        // Each change has a reason of its own.
        setReason('');
        if (detail) then?.(detail);
        return client.invalidateQueries({ queryKey: ['rules'] });
      })
      .catch(setError)
      .finally(() => setIsBusy(false));
  };
  const hasReason = reason.trim() !== '';
  const isOn = saved !== null && saved.running?.version === saved.version;
  const faults = faultsOfRule(rule);
  const isRight = Object.keys(faults).length === 0;
  const [isTried, setIsTried] = useState(false);
  // The API names the field with what it is part of: `rule.watch.layer`.
  const field = error instanceof ApiError ? (error.field?.replace(/^rule\./, '') ?? null) : null;
  const refusal = error !== null && field !== null ? { field, message: error.message } : null;
  return (
    <>
      <Panel
        title={saved === null ? t('rules.newTitle') : t('rules.version', { id: saved.id, version: saved.version })}
        aside={
          saved?.running && (
            <span className="om-dim">
              {t('rules.since', { time: dateTime(Date.parse(saved.running.since), lang) })}
            </span>
          )
        }
      >
        <RuleForm
          {...{ rule, lang, names, catalogue, refusal }}
          faults={isTried ? faults : NO_FAULTS}
          onChange={change}
          onKind={(kind) => change(toKind(latest.current, kind, firstTexts))}
          onDraw={onDraw}
        />
        {error && <Failure error={error} />}
        <div className="om-rule-save">
          <TextInput
            size="xs"
            label={t('rules.reason')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <button
            type="button"
            className="om-button om-button-strong"
            disabled={isSaved || isBusy || !hasReason}
            onClick={() => {
              setIsTried(true);
              if (!isRight) return;
              act(saveRule(saved?.id ?? null, clean(latest.current), reason), (detail) => {
                dropDraft(form);
                client.setQueryData(['rules', detail.id], detail);
                open(String(detail.id));
              });
            }}
          >
            {t('rules.save')}
          </button>
          {findDraft(form) !== undefined && (
            <button
              type="button"
              className="om-button"
              disabled={isBusy}
              onClick={() => {
                change(saved?.rule ?? blankRule('threshold', firstTexts('threshold')));
                dropDraft(form);
                setIsTried(false);
                setError(null);
              }}
            >
              {t('rules.discard')}
            </button>
          )}
          {saved !== null && (
            <>
              <button
                type="button"
                className="om-button"
                disabled={!isSaved || isBusy || !hasReason || (!isOn && saved.tested === null)}
                title={saved.tested === null ? t('rules.testFirst') : undefined}
                onClick={() => act(switchRule(saved.id, !isOn, reason))}
              >
                {t(isOn ? 'rules.disable' : 'rules.enable')}
              </button>
              <button type="button" className="om-button" disabled={isBusy} onClick={() => setIsRemoving(true)}>
                {t('rules.remove')}
              </button>
            </>
          )}
        </div>
        {isTried && !isRight && (
          <p className="om-tone-bad" role="alert">
            {t('warn.faults', { count: Object.keys(faults).length })}
          </p>
        )}
        {saved !== null && saved.version > version && (
          <p className="om-tone-warn" role="status">
            {t('rules.newer', { version: saved.version })}
          </p>
        )}
        <p className="om-dim">
          {saved === null || !isSaved ? t('rules.unsaved') : saved.tested === null ? t('rules.testFirst') : null}{' '}
          {!hasReason && t('rules.reasonHelp')}
        </p>
        {isRemoving && saved !== null && (
          <ConfirmDialog
            title={t('rules.confirmRemove')}
            confirm={t('rules.remove')}
            onConfirm={() => {
              dropDraft(form);
              act(removeRule(saved.id).then(() => open('')));
            }}
            onClose={() => setIsRemoving(false)}
          >
            <p>
              <b>{pick(saved.rule.name, lang)}</b>
            </p>
            <p className="om-dim">{t('rules.confirmRemoveHelp')}</p>
          </ConfirmDialog>
        )}
      </Panel>
      <BacktestPanel
        lang={lang}
        result={result}
        onPlace={onPlace}
        onRun={async (days) => {
          setIsTried(true);
          if (!isRight) throw new Error(t('warn.faults', { count: Object.keys(faults).length }));
          setTestedSeverity(latest.current.severity);
          setResult(await testRule(isSaved ? { id: saved.id } : { rule: clean(latest.current) }, days));
          await client.invalidateQueries({ queryKey: ['rules'] });
        }}
      />
      {saved !== null && (
        <Panel title={t('rules.history')} canFold>
          <ol className="om-rule-list">
            {saved.history.map(({ at, by, move, version, reason: why }) => (
              <li key={`${at} ${move} ${version}`}>
                <span className="om-rule-open">
                  <span>
                    {t(`rules.move.${move}`)} · {t('rules.versionShort', { version })} · {why}
                  </span>
                  <small className="om-dim">
                    {dateTime(Date.parse(at), lang)} · {by}
                  </small>
                </span>
              </li>
            ))}
          </ol>
        </Panel>
      )}
    </>
  );
}
