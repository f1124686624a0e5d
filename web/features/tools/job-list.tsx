import { Progress } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttachCounts, ResultJob } from '../../../server/app.ts';
import { ApiError } from '../../api/request.ts';
import { cancelResult, useResultJob } from '../../api/results.ts';
import { number } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';
import { AttachReport } from './attach-report.tsx';
import type { KnownJob } from './use-jobs.ts';

export interface JobListProps {
  jobs: readonly KnownJob[];
  lang: Language;
  /** A layer is there that was not on the map yet. */
  onMade: (job: KnownJob, layer: string) => void;
  onShow: (layer: string) => void;
  onTable: (layer: string) => void;
  onForget: (id: string) => void;
}

/** Layers that are made: how far they are, a way to stop them, and what became of them. */
export function JobList(props: JobListProps) {
  const { jobs } = props;
  const { t } = useTranslation();
  if (jobs.length === 0) return null;
  return (
    <section className="om-jobs" aria-label={t('job.title')}>
      <h3>{t('job.title')}</h3>
      <ul>
        {jobs.map((job) => (
          <Job key={job.id} job={job} {...props} />
        ))}
      </ul>
    </section>
  );
}

function Job({ job, lang, onMade, onShow, onTable, onForget }: Omit<JobListProps, 'jobs'> & { job: KnownJob }) {
  const { t } = useTranslation();
  const query = useResultJob(job.id);
  const [error, setError] = useState<Error | null>(null);
  const { data } = query;
  const isBusy = data === undefined ? query.error === null : data.state === 'waiting' || data.state === 'running';
  const isGone = query.error instanceof ApiError && query.error.status === 404;
  const made = data?.state === 'ready' && !job.isSettled ? data.layer : null;
  useEffect(() => {
    if (made !== null) onMade(job, made);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for each layer, whatever else changes
  }, [made]);
  const own = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Whoever starts one sees that it goes on; those that are read back from before stay where they are.
    // Once more when it is over: then it says more.
    if (job.isNew) own.current?.scrollIntoView({ block: 'nearest' });
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- what is said changes with the state
  }, [job.isNew, data?.state]);
  return (
    <li ref={own} className="om-job" data-state={data?.state ?? 'unknown'}>
      <div className="om-job-head">
        <strong>{job.title}</strong>
        {isBusy ? (
          <button
            type="button"
            className="om-link"
            aria-label={t('job.cancel.of', { title: job.title })}
            onClick={() => {
              setError(null);
              cancelResult(job.id)
                .then(() => query.refetch())
                .catch((thrown: unknown) => setError(thrown instanceof Error ? thrown : new Error(String(thrown))));
            }}
          >
            {t('job.cancel')}
          </button>
        ) : (
          <button
            type="button"
            className="om-close"
            aria-label={t('job.forget', { title: job.title })}
            onClick={() => onForget(job.id)}
          >
            ✕
          </button>
        )}
      </div>
      <div role="status">
        {isGone ? (
          <p className="om-small om-dim">{t('job.gone')}</p>
        ) : (
          data !== undefined && <Outcome job={data} {...{ lang, onShow, onTable }} />
        )}
      </div>
      {error && <Failure error={error} />}
      {query.error && !isGone && <Failure error={query.error} onRetry={() => void query.refetch()} />}
    </li>
  );
}

/** What went wrong in the language shown: the loader says it in both, `CODE: zh | en`. */
function reasonOf({ error }: ResultJob, lang: Language): string {
  const [, zh, en] = /^[A-Z_]+: (.*) \| (.*)$/s.exec(error?.message ?? '') ?? [];
  return (lang === 'zh' ? zh : en) ?? error?.message ?? '';
}

function Outcome(props: { job: ResultJob } & Pick<JobListProps, 'lang' | 'onShow' | 'onTable'>) {
  const { job, lang, onShow, onTable } = props;
  const { t } = useTranslation();
  const { state, phase, rows, result } = job;
  if (state === 'cancelled') return <p className="om-small om-dim">{t('job.cancelled')}</p>;
  if (state === 'failed') {
    return (
      <p className="om-job-failed">
        <b>{t('job.failed')}</b>{' '}
        {job.error?.code === 'RESULT_EMPTY'
          ? t('job.empty')
          : job.error?.code === 'LIMIT_EXCEEDED'
            ? `${t('state.tooMuch')} (${job.error.message})`
            : reasonOf(job, lang)}
      </p>
    );
  }
  if (state !== 'ready') {
    const share = rows.total === 0 ? 0 : Math.min(100, (100 * rows.done) / rows.total);
    // What is loaded is not counted while it is.
    const isKnown = phase === 'computing' && rows.total > 0 && rows.done > 0;
    return (
      <>
        <Progress value={isKnown ? share : 100} striped={!isKnown} animated={!isKnown} aria-label={t('job.progress')} />
        <p className="om-small">
          {phase === null ? t('export.waiting') : t(`job.phase.${phase}`)}
          {isKnown && ` · ${t('export.rows', { done: number(rows.done, lang), total: number(rows.total, lang) })}`}
        </p>
      </>
    );
  }
  const slivers = Number(result?.['slivers'] ?? 0);
  const setAside = Number(result?.['setAside'] ?? 0);
  return (
    <>
      <p className="om-small">{t('job.ready', { count: rows.done, rows: number(rows.done, lang) })}</p>
      {slivers > 0 && (
        <p className="om-small om-dim">
          {t('job.slivers', {
            count: slivers,
            slivers: number(slivers, lang),
            area: number(Number(result?.['sliverM2'] ?? 0), lang, 1),
          })}
        </p>
      )}
      {setAside > 0 && (
        <p className="om-small om-dim">{t('job.setAside', { count: setAside, rows: number(setAside, lang) })}</p>
      )}
      {job.operation === 'attach' && result !== null && (
        <AttachReport counts={result as unknown as AttachCounts} leftOut={job.leftOut} lang={lang} />
      )}
      <div className="om-actions">
        <button type="button" className="om-button" onClick={() => onShow(job.layer)}>
          {t('job.show')}
        </button>
        <button type="button" className="om-button" onClick={() => onTable(job.layer)}>
          {t('menu.table')}
        </button>
      </div>
    </>
  );
}
