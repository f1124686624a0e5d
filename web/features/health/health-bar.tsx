import { Popover } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useStatus } from '../../api/layers.ts';
import { sourceTitle } from '../../i18n/source-title.ts';
import { pick } from '../../i18n/i18n.ts';
import { STAGES } from '../../latency.ts';
import { useLive } from '../../live-store.ts';
import { clock, duration, number, shortLatency } from '../../time.ts';
import { useNow } from '../../ui/use-now.ts';
import type { Language } from '../../url-state.ts';
import { useDataFailure } from './use-data-failure.ts';

/** A feed silent for longer than this is shown as a warning: demo feeds report every few seconds to minutes. */
const SILENT_MS = 10 * 60_000;
/** Source of the incidents that rules open. */
const RULES = 'rules';
/** Receipt → screen: the promise of second-level response. */
const SLOW_MS = 1_000;
const TOO_SLOW_MS = 2_000;

/** Connection, completeness, latency and feeds: whether the wall can be believed. */
export function HealthBar({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const connection = useLive((state) => state.connection);
  const noGapSince = useLive((state) => state.noGapSince);
  const gaps = useLive((state) => state.gaps);
  const isFailing = useDataFailure() !== null;
  return (
    <div className="om-health">
      <span className={`om-chip om-chip-${isFailing ? 'lost' : connection}`} role="status">
        <i aria-hidden="true" />
        {t(isFailing ? 'live.data' : `live.${connection}`)}
      </span>
      {noGapSince !== null && !isFailing && (
        <span className="om-health-item" title={gaps > 0 ? t('live.gaps', { count: gaps }) : undefined}>
          {t('live.noGap', { time: clock(noGapSince, lang) })}
        </span>
      )}
      <Latency />
      <Feeds lang={lang} />
    </div>
  );
}

function Latency() {
  const { t } = useTranslation();
  const { count, p50, p99, stages } = useLive((state) => state.latency);
  const tone = p99 === null || p99 < SLOW_MS ? 'good' : p99 < TOO_SLOW_MS ? 'warn' : 'bad';
  return (
    <Popover position="bottom" withArrow shadow="md">
      <Popover.Target>
        <button
          type="button"
          className={`om-health-item om-tone-${tone}`}
          title={t('live.latencyHelp')}
          data-testid="latency"
        >
          <span className="om-dim">{t('live.latency')}</span>{' '}
          {count === 0 ? t('live.noSamples') : `${shortLatency(p50)} · P99 ${shortLatency(p99)}`}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="om-popover">
        <p>{t('live.latencyHelp')}</p>
        <dl className="om-pairs">
          {STAGES.map((stage) => (
            <div key={stage}>
              <dt>{t(`live.stage.${stage}`)}</dt>
              <dd>{shortLatency(stages[stage])}</dd>
            </div>
          ))}
        </dl>
        <p className="om-dim">{t('live.samples', { count: count })}</p>
      </Popover.Dropdown>
    </Popover>
  );
}

/**
 * Whether every system that reports still does, in a few words that always fit: who is silent by name, the longest silent
 * first; the whole list behind it.
 */
function Feeds({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const now = useNow(5_000);
  const { data } = useStatus();
  const reporting = (data?.feeds ?? [])
    // Rules that raise no alarm are good news, and no system that reports.
    .filter(({ source }) => source !== RULES)
    .map((feed) => ({ ...feed, age: now - Date.parse(feed.lastEventAt) }))
    .toSorted((a, b) => b.age - a.age);
  const silentPolled = (data?.polled ?? []).filter(({ isSilent }) => isSilent);
  if (reporting.length === 0 && silentPolled.length === 0)
    return <span className="om-health-item om-dim">{t('live.feedsNone')}</span>;
  const quiet = reporting.filter(({ age }) => age > SILENT_MS);
  const silent = [
    ...silentPolled.map(({ title }) => pick(title, lang)),
    ...quiet.map(({ source }) => sourceTitle(source, lang)),
  ];
  const tone = silentPolled.length > 0 ? 'bad' : quiet.length > 0 ? 'warn' : 'good';
  return (
    <Popover position="bottom" withArrow shadow="md">
      <Popover.Target>
        <button type="button" className={`om-health-item om-feeds om-tone-${tone}`} data-testid="feeds">
          <i aria-hidden="true" />
          <span>
            {silent.length === 0
              ? t('live.feedsGood', { count: reporting.length })
              : t('live.feedsSilent', { count: silent.length, first: silent[0] })}
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className="om-popover">
        <ul className="om-feed-list" aria-label={t('live.feeds')}>
          {silentPolled.map(({ id, title, succeededAt }) => (
            <li key={`polled:${id}`} className="om-tone-bad">
              <i aria-hidden="true" /> {pick(title, lang)}{' '}
              <b>
                {succeededAt === null
                  ? t('live.polledNever')
                  : t('live.polledSilent', { age: duration(now - Date.parse(succeededAt), lang) })}
              </b>
            </li>
          ))}
          {reporting.map(({ source, age, events }) => (
            <li key={source} className={age > SILENT_MS ? 'om-tone-warn' : 'om-tone-good'}>
              <i aria-hidden="true" />{' '}
              {t('live.feedSilent', {
                source: sourceTitle(source, lang),
                age: duration(age, lang),
                events: number(events, lang),
              })}
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
