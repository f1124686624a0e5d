import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useStatus } from '../../api/layers.ts';
import { ApiError } from '../../api/request.ts';

/** What failed is asked for again once it has failed for so long, ms, and the service is well. */
const REST_MS = 10_000;

const isOutage = (error: unknown) => error instanceof ApiError && (error.status === 0 || error.status >= 500);

/**
 * Since when the service cannot read its data, as when the database is away, ms since 1970, 0 for ever; null while it can. The line to
 * the service goes on beating then: by itself it says nothing of what cannot come in.
 */
export function useDataFailure(): number | null {
  const { failureReason, dataUpdatedAt } = useStatus();
  return failureReason instanceof ApiError && failureReason.status >= 500 ? dataUpdatedAt : null;
}

/** Asks again for what could not be had in an outage, as soon as the service is well: a wall has nobody to press "try again". */
export function useRecovery(): void {
  const client = useQueryClient();
  const wellAt = useStatus().dataUpdatedAt;
  useEffect(() => {
    void client.refetchQueries({
      type: 'active',
      predicate: ({ state }) =>
        state.status === 'error' && isOutage(state.error) && wellAt - state.errorUpdatedAt > REST_MS,
    });
  }, [client, wellAt]);
}
