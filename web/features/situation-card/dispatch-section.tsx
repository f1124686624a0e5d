import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Candidate, Dispatch, Suggestions } from '../../../server/app.ts';
import {
  acknowledgeDispatch,
  askToDealWith,
  declineDispatch,
  useDispatches,
  useIncident,
  useSuggestions,
} from '../../api/incidents.ts';
import { pick } from '../../i18n/i18n.ts';
import { useLive } from '../../live-store.ts';
import { dateTime, duration, length } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
import { onEscape } from '../../ui/on-escape.ts';
import { useNow } from '../../ui/use-now.ts';
import type { Language } from '../../url-state.ts';

const POSTS = ['leader', 'full_time', 'part_time'] as const;
/** Candidates that are shown at once, and when one asks for more. */
const FEW = 3;
const MOST = 8;

/** Who is sent: the ranking with its reasons, one button, and the answer that is waited for. */
export function DispatchSection({ incident, lang }: { incident: number; lang: Language }) {
  const { t } = useTranslation();
  // Incidents that are over leave the live situation; of many open ones the oldest are not in it either.
  const isKnown = useLive((state) => state.situation?.incidents.has(incident) ?? true);
  const { data: found } = useIncident(isKnown ? null : incident);
  const isOpen = isKnown || found?.state === 'open';
  const suggestions = useSuggestions(incident, isOpen);
  const dispatches = useDispatches(incident);
  const list = dispatches.data?.dispatches ?? [];
  const [latest, ...earlier] = list;
  const client = useQueryClient();
  const renew = () => {
    void client.invalidateQueries({ queryKey: ['dispatches', incident] });
    void client.invalidateQueries({ queryKey: ['suggestions', incident] });
    void client.invalidateQueries({ queryKey: ['incident', incident] });
    void client.invalidateQueries({ queryKey: ['incident-history', incident] });
  };
  return (
    <section className="om-dispatch" aria-label={t('dispatch.title')} data-testid="dispatch">
      <h3>{t('dispatch.title')}</h3>
      {latest && <Present request={latest} lang={lang} onAnswer={renew} />}
      {isOpen && latest?.state !== 'acknowledged' && (
        <Answer<Suggestions> query={suggestions} isEmpty={({ candidates }) => candidates.length === 0}>
          {({ candidates }) => {
            const ranking = { incident, candidates, asked: latest, lang, onAsked: renew };
            if (latest?.state !== 'asked') return <Ranking {...ranking} />;
            return (
              <details>
                <summary>{t('dispatch.others')}</summary>
                <Ranking {...ranking} />
              </details>
            );
          }}
        </Answer>
      )}
      {earlier.length > 0 && (
        <details>
          <summary>{t('dispatch.history')}</summary>
          <ol className="om-dispatch-history">
            {earlier.map((each) => (
              <li key={each.id}>
                {pick(each.title, lang)} · {t(`dispatch.state.${each.state}`)} ·{' '}
                {dateTime(Date.parse(each.askedAt), lang)}
                {each.overrideReason !== null && (
                  <small>{t('dispatch.override', { reason: each.overrideReason })}</small>
                )}
                {each.declineReason !== null && <small>{each.declineReason}</small>}
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

/** The latest request: how long its answer is still waited for, and how it can be given. */
function Present({ request, lang, onAnswer }: { request: Dispatch; lang: Language; onAnswer: () => void }) {
  const { t } = useTranslation();
  const now = useNow(1000);
  const [reason, setReason] = useState<string | null>(null);
  const yes = useMutation({ mutationFn: () => acknowledgeDispatch(request.id), onSettled: onAnswer });
  const no = useMutation({
    mutationFn: (why: string) => declineDispatch(request.id, why),
    onSuccess: () => setReason(null),
    onSettled: onAnswer,
  });
  const isWaiting = request.state === 'asked';
  const [from, to] = [Date.parse(request.askedAt), Date.parse(request.dueAt)];
  const left = Math.max(0, Math.ceil((to - now) / 1000));
  const isExhausted = !isWaiting && request.state !== 'acknowledged' && request.next.length === 0;
  return (
    <div className="om-dispatch-present" data-state={request.state} role="status">
      <p>
        <b>{pick(request.title, lang)}</b>
        <span data-testid="dispatch-state">{t(`dispatch.state.${request.state}`)}</span>
      </p>
      {isWaiting && (
        <>
          <p className="om-dispatch-clock">
            <span aria-hidden="true">
              <span style={{ width: `${Math.min(100, Math.max(0, (100 * (to - now)) / (to - from)))}%` }} />
            </span>
            <b data-testid="dispatch-left" aria-live="off">
              {left > 0 ? t('dispatch.left', { seconds: left }) : t('dispatch.late')}
            </b>
          </p>
          {request.next.length > 0 && (
            <small className="om-dim">
              {t('dispatch.next', { names: request.next.map(({ title }) => pick(title, lang)).join(' → ') })}
            </small>
          )}
          {reason === null ? (
            <div className="om-actions">
              <button
                type="button"
                className="om-button om-button-strong"
                disabled={yes.isPending}
                onClick={() => yes.mutate()}
              >
                {t('dispatch.acknowledge')}
              </button>
              <button type="button" className="om-button" onClick={() => setReason('')}>
                {t('dispatch.decline')}
              </button>
            </div>
          ) : (
            <ReasonForm
              label={t('dispatch.declineReason')}
              confirm={t('dispatch.decline')}
              value={reason}
              isPending={no.isPending}
              onChange={setReason}
              onConfirm={(why) => no.mutate(why)}
              onCancel={() => setReason(null)}
            />
          )}
        </>
      )}
      {isExhausted && <p className="om-tone-bad">{t('dispatch.exhausted')}</p>}
      {request.overrideReason !== null && <small>{t('dispatch.override', { reason: request.overrideReason })}</small>}
      {yes.error && <Failure error={yes.error} />}
      {no.error && <Failure error={no.error} />}
    </div>
  );
}

/** A sentence somebody has to write before they go on. */
function ReasonForm(props: {
  label: string;
  confirm: string;
  value: string;
  isPending: boolean;
  onChange: (value: string) => void;
  onConfirm: (reason: string) => void;
  onCancel: () => void;
}) {
  const { label, confirm, value, isPending, onChange, onConfirm, onCancel } = props;
  const { t } = useTranslation();
  const reason = value.trim();
  return (
    <form
      className="om-dispatch-reason"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.length >= 2) onConfirm(reason);
      }}
      onKeyDown={onEscape(onCancel)}
    >
      <label>
        {label}
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- it was just asked for by a button */}
        <input autoFocus maxLength={500} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
      </label>
      <div className="om-actions">
        <button type="submit" className="om-button om-button-strong" disabled={reason.length < 2 || isPending}>
          {confirm}
        </button>
        <button type="button" className="om-button" onClick={onCancel}>
          {t('dispatch.cancel')}
        </button>
      </div>
    </form>
  );
}

/** The candidates with what speaks for each; anybody but the first needs a reason. */
function Ranking(props: {
  incident: number;
  candidates: readonly Candidate[];
  asked: Dispatch | undefined;
  lang: Language;
  onAsked: () => void;
}) {
  const { incident, candidates, asked, lang, onAsked } = props;
  const { t } = useTranslation();
  const [other, setOther] = useState<{ id: string; reason: string } | null>(null);
  const [shown, setShown] = useState(FEW);
  const ask = useMutation({
    mutationFn: ({ kind, id, override }: { kind: Candidate['kind']; id: string; override?: string }) =>
      askToDealWith(incident, { kind, id, ...(override === undefined ? {} : { override }) }),
    onSuccess: () => setOther(null),
    onSettled: onAsked,
  });
  const first = candidates.find(({ answered }) => answered === null);
  const waiting = asked?.state === 'asked' ? asked.candidate : null;
  return (
    <>
      <ol className="om-dispatch-ranking">
        {candidates.slice(0, shown).map((candidate) => (
          <li key={`${candidate.kind}:${candidate.id}`} data-first={candidate === first ? '' : undefined}>
            <p>
              <span className="om-dispatch-rank">{candidate.rank}</span>
              <b>{pick(candidate.title, lang)}</b>
              <span className="om-dim">{t('dispatch.score', { score: candidate.reasons.score })}</span>
            </p>
            <p className="om-dispatch-facts">
              {factsOf(candidate, t, lang).map((fact) => (
                <span key={fact}>{fact}</span>
              ))}
            </p>
            {candidate === first && (
              <details>
                <summary>{t('dispatch.why')}</summary>
                <Parts candidate={candidate} />
              </details>
            )}
            {waiting !== candidate.id &&
              (other?.id === candidate.id ? (
                <ReasonForm
                  label={t('dispatch.reasonHint')}
                  confirm={t('dispatch.confirm')}
                  value={other.reason}
                  isPending={ask.isPending}
                  onChange={(reason) => setOther({ id: candidate.id, reason })}
                  onConfirm={(override) => ask.mutate({ kind: candidate.kind, id: candidate.id, override })}
                  onCancel={() => setOther(null)}
                />
              ) : (
                <button
                  type="button"
                  className={`om-button ${candidate === first ? 'om-button-strong' : ''}`}
                  aria-label={`${t(candidate === first ? 'dispatch.first' : 'dispatch.other')}: ${pick(candidate.title, lang)}`}
                  disabled={ask.isPending}
                  onClick={() =>
                    candidate === first
                      ? ask.mutate({ kind: candidate.kind, id: candidate.id })
                      : setOther({ id: candidate.id, reason: '' })
                  }
                >
                  {ask.isPending ? t('dispatch.asking') : t(candidate === first ? 'dispatch.first' : 'dispatch.other')}
                </button>
              ))}
          </li>
        ))}
      </ol>
      {shown < Math.min(MOST, candidates.length) && (
        <button type="button" className="om-link" onClick={() => setShown(MOST)}>
          {t('dispatch.more')}
        </button>
      )}
      {ask.error && <Failure error={ask.error} />}
    </>
  );
}

/** What speaks for and against somebody, as short words. */
function factsOf({ reasons, answered }: Candidate, t: TFunction, lang: Language): string[] {
  const said = answered === null ? [] : [t(`dispatch.answered.${answered}`)];
  if (reasons.kind === 'department') {
    return [
      ...said,
      t(`dispatch.duty.${reasons.duty}`),
      ...(reasons.owner === null ? [] : [t('dispatch.owner', { name: reasons.owner.name })]),
      t('dispatch.load', { n: reasons.load }),
    ];
  }
  const { seconds, metres, onShift, post, sameGrid, skilled, load } = reasons;
  const known = POSTS.find((each) => each === post);
  return [
    ...said,
    seconds === null
      ? t('dispatch.noRoad', { metres: length(metres, lang) })
      : t('dispatch.byRoad', { time: duration(seconds * 1000, lang) }),
    t(onShift ? 'card.onShift' : 'card.offShift'),
    ...(post === null ? [] : [known === undefined ? post : t(`dispatch.post.${known}`)]),
    ...(sameGrid ? [t('dispatch.sameGrid')] : []),
    ...(skilled ? [t('dispatch.skilled')] : []),
    t('dispatch.load', { n: load }),
  ];
}

/** The score and what it is the sum of. */
function Parts({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation();
  return (
    <table className="om-table">
      <caption>{t('dispatch.parts')}</caption>
      <tbody>
        {candidate.reasons.parts.map(({ part, points, most }) => (
          <tr key={part}>
            <th scope="row">{t(`dispatch.part.${part}`)}</th>
            <td>
              {points} / {most}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
