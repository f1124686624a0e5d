import { useStatus } from '../../api/layers.ts';
import { ApiError } from '../../api/request.ts';

/**
 * Since when the service cannot read its data, as when the database is away, ms since 1970; null while it can. The line to the service
 * goes on beating then: by itself it says nothing of what cannot come in.
 */
export function useDataFailure(): number | null {
  const { failureReason, dataUpdatedAt } = useStatus();
  return failureReason instanceof ApiError && failureReason.status >= 500 ? dataUpdatedAt : null;
}
