/** Loads of department files and the quality of what came of them. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type {
  LinkChains,
  LoadDetail,
  LoadList,
  Quality,
  RejectedRow,
  RejectList,
  RejectPlaces,
} from '../../server/app.ts';
import { failureOf, getJson, withQuery } from './request.ts';

/** Scores of departments and layers. Asked again quickly while cells of new loads are still to be counted. */
export function useQuality() {
  return useQuery({
    queryKey: ['quality'],
    queryFn: ({ signal }) => getJson<Quality>('/api/quality', signal),
    refetchInterval: (query) => ((query.state.data?.pending ?? 0) > 0 ? 1_500 : 30_000),
  });
}

/** Loads of a layer, of a department, or of all, newest first, a page at a time. */
export function useLoads(layer: string | null, department: string | null) {
  return useInfiniteQuery({
    queryKey: ['loads', layer, department],
    queryFn: ({ signal, pageParam }) =>
      getJson<LoadList>(
        withQuery('/api/loads', {
          layer,
          department: layer === null ? department : null,
          limit: 20,
          cursor: pageParam,
        }),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: 30_000,
  });
}

export function useLoad(id: number | null) {
  return useQuery({
    queryKey: ['load', id],
    queryFn: ({ signal }) => getJson<LoadDetail>(`/api/loads/${id}`, signal),
    enabled: id !== null,
    staleTime: 30_000,
  });
}

/** Rows that a load set aside, a page at a time. */
export function useRejects(load: number | null, code: string | null) {
  return useInfiniteQuery({
    queryKey: ['rejects', load, code],
    queryFn: ({ signal, pageParam }) =>
      getJson<RejectList>(withQuery(`/api/loads/${load}/rejects`, { code, limit: 20, cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: load !== null,
    staleTime: 60_000,
  });
}

/** One row that a load set aside; null when the load has none of this number. */
export function useReject(load: number | null, row: number | null) {
  return useQuery({
    queryKey: ['reject', load, row],
    queryFn: async ({ signal }): Promise<RejectedRow | null> => {
      const path = withQuery(`/api/loads/${load}/rejects`, { limit: 1, cursor: (row ?? 1) - 1 });
      const [found] = (await getJson<RejectList>(path, signal)).rejects;
      return found?.id === row ? found : null;
    },
    enabled: load !== null && row !== null,
    staleTime: 60_000,
  });
}

/** The repair map of a load, or of the live loads of a department or of all. */
/** How far rows come along the chains of links. */
export function useLinkChains() {
  return useQuery({
    queryKey: ['link-chains'],
    queryFn: ({ signal }) => getJson<LinkChains>('/api/quality/links', signal),
    staleTime: 60_000,
  });
}

export function useRejectPlaces(load: number | null, department: string | null, code: string | null) {
  return useQuery({
    queryKey: ['reject-places', load, department, code],
    queryFn: ({ signal }) =>
      getJson<RejectPlaces>(
        withQuery('/api/rejects/places', { load, department: load === null ? department : null, code }),
        signal,
      ),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** The file takes seconds: the loader makes it when it is asked for. */
const FILE_TIMEOUT_MS = 90_000;

/** Rows that were set aside, as a file. The purpose is written to the audit. */
export async function downloadRejects(load: number, purpose: string): Promise<{ name: string; blob: Blob }> {
  const response = await fetch(withQuery(`/api/loads/${load}/rejects/file`, { purpose }), {
    signal: AbortSignal.timeout(FILE_TIMEOUT_MS),
  });
  if (!response.ok) throw await failureOf(response);
  const disposition = response.headers.get('Content-Disposition') ?? '';
  const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1] ?? `load-${load}-rejects`);
  return { name, blob: await response.blob() };
}
