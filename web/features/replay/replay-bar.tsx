import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { followReplay, setReplaySpeed, useLive } from '../../live-store.ts';
import { clockSeconds, dateTime, longDate } from '../../time.ts';
import type { Language, ReplayState, UrlState } from '../../url-state.ts';

export interface ReplayBarProps {
  state: ReplayState;
  lang: Language;
  onChange: (patch: Partial<UrlState>) => void;
}

const MINUTE = 60_000;
const SPEEDS = [1, 2, 5, 10, 30, 60] as const;
/** The log is kept for 31 days. */
const LONGEST = 30 * 24 * 60 * MINUTE;
/** China keeps UTC+8 all year. */
const ZONE = 8 * 60 * MINUTE;

/** A moment as `datetime-local` knows it, in Shanghai. */
function localTime(ms: number): string {
  return new Date(ms + ZONE).toISOString().slice(0, 19);
}

/** Plays the past: where it stands, how fast, and the way back to the present. The whole screen follows it. */
export function ReplayBar({ state, lang, onChange }: ReplayBarProps) {
  const { t } = useTranslation();
  const replay = useLive((live) => live.replay);
  const { at, speed, isPaused } = state;
  const leave = useRef(() => onChange({ replay: null }));
  useEffect(() => {
    leave.current = () => onChange({ replay: null });
  }, [onChange]);
  const start = useRef({ speed, isPaused });
  useEffect(() => followReplay(at, start.current.isPaused ? 0 : start.current.speed, () => leave.current()), [at]);
  useEffect(() => {
    start.current = { speed, isPaused };
    setReplaySpeed(isPaused ? 0 : speed);
  }, [speed, isPaused]);

  const now = replay?.now ?? at;
  const present = usePresent();
  const begin = present - LONGEST;
  const seek = (moment: number) => onChange({ replay: { ...state, at: clamp(moment, begin, present - 5_000) } });
  return (
    <section className="om-replay" aria-label={t('replay.title')}>
      <strong className="om-replay-now" role="status">
        {t('replay.title')} {longDate(now, lang)} {clockSeconds(now, lang)}
        {replay?.error ? <em>{t('replay.failed')}</em> : replay?.isWaiting && <em>{t('state.loading')}</em>}
      </strong>
      <div className="om-replay-keys">
        <button type="button" className="om-button" onClick={() => seek(now - 10 * MINUTE)}>
          {t('replay.back')}
        </button>
        <button
          type="button"
          className="om-button om-button-strong"
          aria-pressed={!isPaused}
          onClick={() => onChange({ replay: { at, speed, isPaused: !isPaused } })}
        >
          {isPaused ? t('replay.play') : t('replay.pause')}
        </button>
        <button type="button" className="om-button" onClick={() => seek(now + 10 * MINUTE)}>
          {t('replay.forward')}
        </button>
        <div className="om-replay-speeds" role="group" aria-label={t('replay.speed')}>
          {SPEEDS.map((value) => (
            <button
              key={value}
              type="button"
              aria-pressed={value === speed}
              onClick={() => onChange({ replay: { ...state, speed: value } })}
            >
              {value}×
            </button>
          ))}
        </div>
        <label className="om-inline">
          <span>{t('replay.from')}</span>
          <input
            key={at}
            type="datetime-local"
            step={1}
            min={localTime(begin)}
            max={localTime(present)}
            defaultValue={localTime(at)}
            onBlur={(event) => {
              const moment = Date.parse(`${event.currentTarget.value}+08:00`);
              if (Number.isFinite(moment) && moment !== at) seek(moment);
            }}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
        </label>
        <button type="button" className="om-button" onClick={() => onChange({ replay: null })}>
          {t('replay.live')}
        </button>
      </div>
      <input
        className="om-replay-slider"
        type="range"
        aria-label={t('replay.moment')}
        aria-valuetext={dateTime(now, lang)}
        min={Math.round((present - 24 * 60 * MINUTE) / MINUTE)}
        max={Math.round(present / MINUTE)}
        value={Math.round(now / MINUTE)}
        onChange={(event) => seek(Number(event.currentTarget.value) * MINUTE)}
      />
    </section>
  );
}

/** The real time, ms since 1970: the screen's clock shows another. */
function usePresent(): number {
  const [present, setPresent] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setPresent(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return present;
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.max(least, Math.min(most, value)) / 1000) * 1000;
}
