/** Files and layers that are made of a selection. */
import { useQuery } from '@tanstack/react-query';
import type { ExportJob, ResultJob, UserLayer, UserLayerList } from '../../server/app.ts';
import { ANALYSIS_TIMEOUT_MS, ApiError, failureOf, getJson, send, withQuery } from './request.ts';

export interface ExportWish {
  layer: string;
  format: string;
  filter?: object;
  at?: string;
  /** Titles of the fields in a language instead of their names. */
  heading?: 'zh' | 'en';
  purpose?: string;
}

export function startExport(wish: ExportWish): Promise<ExportJob> {
  return send<ExportJob>('POST', '/api/exports', wish);
}

export async function cancelExport(id: string): Promise<void> {
  await send<null>('DELETE', `/api/exports/${id}`);
}

/** How far an export is, asked again until it is over. */
export function useExport(id: string | null) {
  return useQuery({
    queryKey: ['export', id],
    queryFn: ({ signal }) => getJson<ExportJob>(`/api/exports/${id}`, signal),
    enabled: id !== null,
    refetchInterval: (query) =>
      query.state.data === undefined || ['waiting', 'running'].includes(query.state.data.state) ? 500 : false,
  });
}

/** Has an overlay or a result made into a layer, in the background. */
export function startResult(kind: 'overlay' | 'save', body: object): Promise<ResultJob> {
  return send<ResultJob>('POST', `/api/analysis/${kind}`, body);
}

export interface AttachWish {
  title: string;
  /** Name of the file: its ending says what it is. */
  name: string;
  level: string | null;
  code: string | null;
  value: string | null;
}

/** Has a table joined to boundaries by code, in the background. */
export async function startAttach(file: Blob, { title, name, level, code, value }: AttachWish): Promise<ResultJob> {
  const path = withQuery('/api/analysis/attach', { title, name, level, code, value });
  const response = await fetch(path, {
    method: 'POST',
    body: file,
    headers: { 'Content-Type': 'application/octet-stream' },
    signal: AbortSignal.timeout(ANALYSIS_TIMEOUT_MS),
  });
  if (response.ok) return (await response.json()) as ResultJob;
  throw await failureOf(response);
}

export async function cancelResult(id: string): Promise<void> {
  await send<null>('DELETE', `/api/analysis/jobs/${id}`);
}

/** How far a layer that is made is, asked again until it is over. */
export function useResultJob(id: string) {
  return useQuery({
    queryKey: ['result-job', id],
    queryFn: ({ signal }) => getJson<ResultJob>(`/api/analysis/jobs/${id}`, signal),
    refetchInterval: (query) => {
      if (query.state.error instanceof ApiError && query.state.error.status === 404) return false;
      return query.state.data === undefined || ['waiting', 'running'].includes(query.state.data.state) ? 700 : false;
    },
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status === 404),
  });
}

/** Rows of a table that were not attached, as CSV. */
export function useLeftOut(path: string | null) {
  return useQuery({
    queryKey: ['left-out', path],
    queryFn: async ({ signal }): Promise<string> => {
      const response = await fetch(path ?? '', { signal });
      if (!response.ok) throw new ApiError(response.status, 'HTTP', response.statusText, null);
      return response.text();
    },
    enabled: path !== null,
    staleTime: Infinity,
  });
}

/** Layers that were imported or made; the public has none. */
export function useUserLayers() {
  return useQuery({
    queryKey: ['user-layers'],
    queryFn: async ({ signal }) => (await getJson<UserLayerList>('/api/user-layers', signal)).layers,
    refetchInterval: 60_000,
  });
}

export function renameUserLayer(id: string, title: string): Promise<UserLayer> {
  return send<UserLayer>('PATCH', `/api/user-layers/${id}`, { title });
}

export function deleteUserLayer(id: string): Promise<UserLayer> {
  return send<UserLayer>('DELETE', `/api/user-layers/${id}`);
}

export function restoreUserLayer(id: string): Promise<UserLayer> {
  return send<UserLayer>('POST', `/api/user-layers/${id}/restore`);
}
