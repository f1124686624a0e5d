/** The search box. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { SearchResults } from '../../server/app.ts';
import { getJson, withQuery } from './request.ts';

/** Suggestions for what is typed; those of the text before stay until the next are there. */
export function useSearch(text: string, limit: number, near: string | null) {
  return useQuery({
    queryKey: ['search', text, limit, near],
    queryFn: ({ signal }) => getJson<SearchResults>(withQuery('/api/search', { q: text, limit, near }), signal),
    enabled: text !== '',
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
}
