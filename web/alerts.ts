/** Warnings: what the screens ask the API, and what they send. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Alert, AlertList, AlertPreview } from '../server/app.ts';
import { getJson, postJson, send } from './api/request.ts';
import { useLive } from './live-store.ts';

/** Every warning, those that are over, too, the newest first; read anew when the live feed says that one changed. */
export function useAllAlerts() {
  const version = useLive((state) => state.warnings);
  return useQuery({
    queryKey: ['alerts', 'all', version],
    queryFn: async ({ signal }) => (await getJson<AlertList>('/api/alerts?all=true', signal)).alerts,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
}

/** The message that a warning would be; nothing is asked while `input` is null. */
export function useAlertPreview(input: object | null) {
  return useQuery({
    queryKey: ['alert-preview', input],
    queryFn: ({ signal }) => postJson<AlertPreview>('/api/alerts/preview', input ?? {}, signal),
    enabled: input !== null,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function issueAlert(input: object): Promise<Alert> {
  return send<Alert>('POST', '/api/alerts', input);
}

export function cancelAlert(id: number): Promise<Alert> {
  return send<Alert>('POST', `/api/alerts/${id}/cancel`);
}

/** In force now: neither replaced nor called off nor past its time. */
export function isInForce({ state, expires, msgType }: Alert, now: number): boolean {
  return msgType !== 'Cancel' && state === 'active' && (expires === null || Date.parse(expires) > now);
}

/** In force at a time of the past, ms since 1970: issued by then, and neither over nor replaced nor called off. `all`: every warning. */
export function wasInForce(alert: Alert, all: readonly Alert[], at: number): boolean {
  const { sent, expires, msgType, state, replacedBy } = alert;
  if (msgType === 'Cancel' || Date.parse(sent) > at) return false;
  if (expires !== null && Date.parse(expires) <= at) return false;
  if (state === 'active') return true;
  const next = all.find(({ id }) => id === replacedBy);
  return next !== undefined && Date.parse(next.sent) > at;
}
