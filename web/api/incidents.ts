/** Incidents, who deals with them, and what citizens report. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type {
  CategoryList,
  Dispatch,
  DispatchList,
  Incident,
  IncidentSnapshot,
  IncidentStats,
  IndicatorCases,
  Indicators,
  IndicatorTrend,
  ReplayEntries,
  ReportInput,
  ReportProgress,
  ReportReceipt,
  ShapeInput,
  SituationCard,
  Suggestions,
} from '../../server/app.ts';
import { ApiError, getJson, postJson, send, withQuery } from './request.ts';

/** @param known what the screen knows of it until the answer is here, e.g. as it was before it left the live situation */
export function useIncident(id: number | null, known?: Incident) {
  return useQuery({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => getJson<Incident>(`/api/incidents/${id}`, signal),
    enabled: id !== null,
    placeholderData: known?.id === id ? known : undefined,
  });
}

/** Open incidents kept on a screen; the totals count all of them. */
export const SNAPSHOT_LIMIT = 2_000;

export function loadSnapshot(signal: AbortSignal, limit = SNAPSHOT_LIMIT): Promise<IncidentSnapshot> {
  return getJson<IncidentSnapshot>(withQuery('/api/incidents', { limit }), signal);
}

/** What a screen showed at `at`, ms since 1970. */
export function loadSnapshotAt(at: number, signal: AbortSignal): Promise<IncidentSnapshot> {
  const query = { limit: SNAPSHOT_LIMIT, at: new Date(at).toISOString() };
  return getJson<IncidentSnapshot>(withQuery('/api/incidents', query), signal);
}

/** Entries of the live log after a cursor, up to a time in ms since 1970. */
export function loadEntries(after: string, until: number, signal: AbortSignal): Promise<ReplayEntries> {
  const query = { after, until: new Date(until).toISOString(), limit: 5_000 };
  return getJson<ReplayEntries>(withQuery('/api/incidents/log', query), signal);
}

/** @param at the 24 hours before this time, ISO 8601; null: before now */
export function useIncidentStats(by: IncidentStats['by'], at: string | null = null) {
  return useQuery({
    queryKey: ['incident-stats', by, at],
    queryFn: ({ signal }) =>
      getJson<IncidentStats>(withQuery('/api/incidents/stats', { by, ...(at === null ? {} : { at }) }), signal),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
}

/** Every indicator by one dimension, for the days from one to another, `YYYY-MM-DD`. */
export function useIndicators(by: string, from: string, to: string) {
  return useQuery({
    queryKey: ['indicators', by, from, to],
    queryFn: ({ signal }) => getJson<Indicators>(withQuery('/api/indicators', { by, from, to }), signal),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** One indicator over time by one dimension, in steps. */
export function useIndicatorTrend(indicator: string | null, by: string, from: string, to: string, step: string) {
  return useQuery({
    queryKey: ['indicator-trend', indicator, by, from, to, step],
    queryFn: ({ signal }) =>
      getJson<IndicatorTrend>(withQuery(`/api/indicators/${indicator}/trend`, { by, from, to, step }), signal),
    enabled: indicator !== null,
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** The incidents behind one figure, page by page. `key` null: of all groups. */
export function useIndicatorCases(
  asked: { indicator: string; by: string; from: string; to: string; key: string | null; side: string } | null,
) {
  return useInfiniteQuery({
    queryKey: ['indicator-cases', asked],
    enabled: asked !== null,
    queryFn: ({ signal, pageParam }) => {
      const { indicator, key, ...query } = asked ?? { indicator: '', key: null };
      const parameters = { ...query, ...(key === null ? {} : { key }), limit: 50, cursor: pageParam };
      return getJson<IndicatorCases>(withQuery(`/api/indicators/${indicator}/cases`, parameters), signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
}

/** What a situation card is about. */
export type CardSubject = { incident: number } | { shape: ShapeInput };

/** The situation card, renewed while it is open; null: none is asked for. */
export function useSituationCard(subject: CardSubject | null, radius: number) {
  return useQuery({
    queryKey: ['situation', subject, subject !== null && 'incident' in subject ? radius : null],
    queryFn: ({ signal }) =>
      subject !== null && 'shape' in subject
        ? postJson<SituationCard>('/api/situation', subject, signal)
        : getJson<SituationCard>(withQuery(`/api/incidents/${subject?.incident}/situation`, { radius }), signal),
    enabled: subject !== null,
    refetchInterval: 20_000,
    // Another radius of the same incident may stand in; another incident may not.
    placeholderData: (before, query) =>
      JSON.stringify(query?.queryKey[1]) === JSON.stringify(subject) ? before : undefined,
    retry: (count, error) => count < 1 && (!(error instanceof ApiError) || error.status >= 500),
  });
}

/** Who could deal with an incident. */
export function useSuggestions(incident: number, isOpen: boolean) {
  return useQuery({
    queryKey: ['suggestions', incident],
    queryFn: ({ signal }) => getJson<Suggestions>(`/api/incidents/${incident}/suggestions`, signal),
    enabled: isOpen,
    refetchInterval: 15_000,
    retry: (count, error) => count < 1 && (!(error instanceof ApiError) || error.status >= 500),
  });
}

/** Who was asked to deal with an incident; looked at often while an answer is waited for. */
export function useDispatches(incident: number) {
  return useQuery({
    queryKey: ['dispatches', incident],
    queryFn: ({ signal }) => getJson<DispatchList>(`/api/incidents/${incident}/dispatches`, signal),
    refetchInterval: (query) => (query.state.data?.dispatches[0]?.state === 'asked' ? 2_000 : 10_000),
    retry: (count, error) => count < 1 && (!(error instanceof ApiError) || error.status >= 500),
  });
}

export function askToDealWith(
  incident: number,
  wish: { kind: 'staff' | 'department'; id: string; override?: string },
): Promise<Dispatch> {
  return send<Dispatch>('POST', `/api/incidents/${incident}/dispatch`, wish);
}

export function acknowledgeDispatch(id: number): Promise<Dispatch> {
  return send<Dispatch>('POST', `/api/dispatches/${id}/acknowledge`);
}

export function declineDispatch(id: number, reason: string): Promise<Dispatch> {
  return send<Dispatch>('POST', `/api/dispatches/${id}/decline`, { reason });
}

/** Kinds of incidents, for the forms. */
export function useCategories() {
  return useQuery({
    queryKey: ['categories'],
    queryFn: async ({ signal }) => (await getJson<CategoryList>('/api/categories', signal)).categories,
    staleTime: 3_600_000,
  });
}

/** Hands a report in; the same report again is the same. */
export function sendReport(report: ReportInput): Promise<ReportReceipt> {
  return postJson<ReportReceipt>('/api/reports', report);
}

export function getReport(token: string, signal?: AbortSignal): Promise<ReportProgress> {
  return getJson<ReportProgress>(`/api/reports/${encodeURIComponent(token)}`, signal);
}
