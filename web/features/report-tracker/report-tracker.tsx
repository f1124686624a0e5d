import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReportProgress } from '../../../server/app.ts';
import { getReport } from '../../api/incidents.ts';
import { ApiError, send } from '../../api/request.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';
import { useWorkflow } from '../../api/workflow.ts';
import { followsOther, stageOf, tellSteps } from './plain-steps.ts';

const STAGES = [
  'collected',
  'verifying',
  'registered',
  'dispatched',
  'handling',
  'extending',
  'suspended',
  'feedback',
  'checking',
  'checked',
  'closed',
  'evaluated',
  'rejected',
  'self_handled',
  'duplicate',
] as const;
type Stage = (typeof STAGES)[number];
const isStage = (stage: string): stage is Stage => (STAGES as readonly string[]).includes(stage);

/** What became of a report, for whoever reported it: in plain words, with a rating when it is over. */
export function ReportTracker({ token, lang }: { token: string; lang: Language }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['report', token],
    queryFn: ({ signal }) => getReport(token, signal),
    refetchInterval: 30_000,
  });
  // What was known is not forgotten while the line is down; a token that leads nowhere any more is.
  const refusal = error instanceof ApiError && error.status >= 400 && error.status < 500 ? error : null;
  if (refusal) {
    return (
      <section className="om-report-part" role="alert">
        <h2>{t(refusal.code === 'REPORT_EXPIRED' ? 'track.expired' : 'track.unknown')}</h2>
        <p>{t(refusal.code === 'REPORT_EXPIRED' ? 'track.expiredHelp' : 'track.unknownHelp')}</p>
      </section>
    );
  }
  if (data === undefined) {
    return error ? (
      <Failure error={error} onRetry={() => void refetch()} />
    ) : (
      <p className="om-state" role="status">
        {t('state.loading')}
      </p>
    );
  }
  return (
    <>
      {error && (
        <p className="om-tone-warn" role="status">
          {t('state.unreachable')}
        </p>
      )}
      <Standing report={data} lang={lang} />
      {data.mayRate && <Rating token={token} report={data} lang={lang} />}
    </>
  );
}

function Standing({ report, lang }: { report: ReportProgress; lang: Language }) {
  const { t } = useTranslation();
  const stage = stageOf(report);
  return (
    <section className="om-report-part om-track" aria-label={t('track.title')}>
      <h2>
        {pick(report.categoryTitle, lang)}{' '}
        <small className="om-dim">{t('track.number', { number: report.number })}</small>
      </h2>
      <p className="om-track-now" role="status" data-testid="track-now">
        <b>
          {isStage(stage) ? t(`track.stage.${stage}`) : t(report.state === 'open' ? 'report.open' : 'report.closed')}
        </b>
        {isStage(stage) && <span>{t(`track.next.${stage}`)}</span>}
      </p>
      {followsOther(report) && <p>{t('track.merged')}</p>}
      <ol className="om-track-steps">
        {tellSteps(report).map(({ step, state, at }) => (
          <li key={step} data-state={state} aria-current={state === 'present' ? 'step' : undefined}>
            <i aria-hidden="true">{state === 'past' ? '✓' : state === 'present' ? '●' : '○'}</i>
            <span>
              {t(`track.step.${step}`)}
              <span className="om-hidden"> {t(`workflow.step.${state}`)}</span>
            </span>
            {at !== null && <time dateTime={at}>{dateTime(Date.parse(at), lang)}</time>}
          </li>
        ))}
      </ol>
      <dl className="om-pairs">
        <div>
          <dt>{t('incident.received')}</dt>
          <dd>{dateTime(Date.parse(report.receivedAt), lang)}</dd>
        </div>
        {report.dueAt !== null && report.state === 'open' && (
          <div>
            <dt>{t('track.due')}</dt>
            <dd>{dateTime(Date.parse(report.dueAt), lang)}</dd>
          </div>
        )}
        {report.closedAt !== null && (
          <div>
            <dt>{t('incident.closedAt')}</dt>
            <dd>{dateTime(Date.parse(report.closedAt), lang)}</dd>
          </div>
        )}
        {report.files > 0 && (
          <div>
            <dt>{t('workflow.media')}</dt>
            <dd>{t('report.files', { count: report.files })}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Rating({ token, report, lang }: { token: string; report: ReportProgress; lang: Language }) {
  const { t } = useTranslation();
  const id = useId();
  const client = useQueryClient();
  const { data: workflow } = useWorkflow();
  const [isChanging, setIsChanging] = useState(false);
  const [score, setScore] = useState<number | null>(null);
  const [comment, setComment] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [isMissing, setIsMissing] = useState(false);
  const { rating } = report;
  const ratings = workflow?.ratings ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsMissing(score === null);
    if (score === null || isSending) return;
    const words = comment.trim();
    setIsSending(true);
    setError(null);
    send<null>('POST', `/api/reports/${token}/rating`, { score, ...(words === '' ? {} : { comment: words }) })
      .then(() => client.invalidateQueries({ queryKey: ['report', token] }))
      .then(() => {
        setIsChanging(false);
        setComment('');
      })
      .catch(setError)
      .finally(() => setIsSending(false));
  };
  if (rating?.by === 'reporter' && !isChanging) {
    return (
      <section className="om-report-part" aria-label={t('track.rate')}>
        <h2>{t('track.thanks')}</h2>
        <p role="status">
          {t('track.yours')} <b>{pick(ratings.find((each) => each.score === rating.score)?.title, lang)}</b>{' '}
          <span className="om-dim">{dateTime(Date.parse(rating.at), lang)}</span>
        </p>
        <p>
          <button
            type="button"
            className="om-button"
            onClick={() => {
              setScore(rating.score);
              setIsChanging(true);
            }}
          >
            {t('track.change')}
          </button>
        </p>
      </section>
    );
  }
  return (
    <form className="om-report-part" onSubmit={submit} aria-label={t('track.rate')}>
      <h2>{t('track.rate')}</h2>
      <div className="om-track-scores" role="radiogroup" aria-label={t('track.rate')}>
        {ratings.map((each) => (
          <label key={each.score} data-chosen={each.score === score || undefined}>
            <input
              type="radio"
              name={`${id}-score`}
              checked={each.score === score}
              onChange={() => {
                setScore(each.score);
                setIsMissing(false);
              }}
            />
            <Face score={each.score} />
            <span>{pick(each.title, lang)}</span>
          </label>
        ))}
      </div>
      <label className="om-report-label" htmlFor={`${id}-words`}>
        {t('track.comment')}
      </label>
      <textarea
        id={`${id}-words`}
        className="om-report-input"
        rows={3}
        maxLength={1000}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      {isMissing && (
        <p className="om-tone-bad" role="alert">
          {t('track.chooseScore')}
        </p>
      )}
      {error && <Failure error={error} />}
      <p className="om-track-send">
        <button type="submit" className="om-button om-button-strong" disabled={isSending}>
          {t(isSending ? 'report.sending' : 'track.send')}
        </button>
      </p>
    </form>
  );
}

/** A face that smiles the more the better: for those who read little. */
function Face({ score }: { score: number }) {
  // How far the mouth hangs below its ends: upwards where somebody is dissatisfied.
  const bend = { 4: 6, 3: 3, 2: -2, 1: -6 }[score] ?? 0;
  return (
    <svg
      viewBox="0 0 24 24"
      width="32"
      height="32"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
    >
      <circle cx="12" cy="12" r="10" />
      <path d={`M7 15.5q5 ${bend} 10 0`} strokeLinecap="round" />
      <path d="M8.5 9.2v.6M15.5 9.2v.6" strokeLinecap="round" strokeWidth="2.4" />
    </svg>
  );
}
