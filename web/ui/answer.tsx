import { Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/request.ts';

interface Query<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

/** Shows an answer of the API, or why there is none yet: waiting, failed (with a way to ask again), or empty. */
export function Answer<T>(props: {
  query: Query<T>;
  isEmpty?: (data: T) => boolean;
  children: (data: T) => ReactNode;
}) {
  const { query, isEmpty, children } = props;
  const { t } = useTranslation();
  if (query.data !== undefined) {
    return isEmpty?.(query.data) ? <p className="om-state">{t('state.empty')}</p> : children(query.data);
  }
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <p className="om-state" role="status">
      <Loader size="sm" aria-hidden="true" /> {t('state.loading')}
    </p>
  );
}

/** What a failure is called, by its code where that says more than the status. */
function sentenceOf(error: Error): StateKey {
  if (!(error instanceof ApiError)) return 'state.failed';
  const { status, code } = error;
  if (code === 'LIMIT_EXCEEDED') return 'state.tooMuch';
  if (code === 'EXPORT_TOO_LARGE') return 'state.exportTooLarge';
  if (status === 0) return 'state.unreachable';
  if (status === 403) return 'state.forbidden';
  if (status === 404) return 'state.notFound';
  if (status === 409) return 'state.conflict';
  if (status === 412) return 'state.changed';
  if (status === 503) return 'state.busy';
  if (status >= 500) return 'state.broken';
  return status >= 400 ? 'state.refused' : 'state.failed';
}

/** Sentences to which the message of the failure adds nothing. */
const SAYS_ALL = new Set<StateKey>(['state.unreachable', 'state.changed']);

type StateKey =
  `state.${'failed' | 'tooMuch' | 'exportTooLarge' | 'unreachable' | 'forbidden' | 'notFound' | 'conflict' | 'changed' | 'busy' | 'broken' | 'refused'}`;

export function Failure({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useTranslation();
  const sentence = sentenceOf(error);
  return (
    <div className="om-state om-failure" role="alert">
      <strong>{t(sentence)}</strong>
      {/* Without an answer there is only what the browser calls it; who was slower sees the new state. */}
      {!SAYS_ALL.has(sentence) && <small lang="en">{error.message}</small>}
      {onRetry && (
        <button type="button" className="om-button" onClick={onRetry}>
          {t('state.retry')}
        </button>
      )}
    </div>
  );
}
