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

export function Failure({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useTranslation();
  const status = error instanceof ApiError ? error.status : null;
  const sentence =
    status === 0
      ? t('state.unreachable')
      : status === 404
        ? t('state.notFound')
        : status === 503
          ? t('state.busy')
          : status === 403
            ? t('state.forbidden')
            : error instanceof ApiError && error.code === 'LIMIT_EXCEEDED'
              ? t('state.tooMuch')
              : t('state.failed');
  return (
    <div className="om-state om-failure" role="alert">
      <strong>{sentence}</strong>
      {/* Without an answer there is only what the browser calls it, in its own language. */}
      {status !== 0 && <small>{error.message}</small>}
      {onRetry && (
        <button type="button" className="om-button" onClick={onRetry}>
          {t('state.retry')}
        </button>
      )}
    </div>
  );
}
