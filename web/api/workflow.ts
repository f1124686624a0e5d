/** The workflow of incidents as this screen asks for it and acts in it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Incident, IncidentHistory, IncidentMedia, MoveInput, Workflow } from '../../server/app.ts';
import { ApiError, getJson, send, withQuery } from './request.ts';

/** The machine does not change while the service runs. */
export function useWorkflow() {
  return useQuery({
    queryKey: ['workflow'],
    queryFn: ({ signal }) => getJson<Workflow>('/api/workflow', signal),
    staleTime: Infinity,
  });
}

/** How an incident came to where it is. Asked again when the live feed brings another version of it. */
export function useIncidentHistory(id: number, version: number) {
  return useQuery({
    queryKey: ['incident-history', id, version],
    queryFn: ({ signal }) => getJson<IncidentHistory>(`/api/incidents/${id}/history`, signal),
    placeholderData: (previous, query) => (query?.queryKey[1] === id ? keepPreviousData(previous) : undefined),
  });
}

/** Something done with an incident; what is known of it is asked for again, whether it worked or not. */
export function useIncidentAction<T>(id: number, act: (input: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['incident', id] }),
        client.invalidateQueries({ queryKey: ['incident-history', id] }),
      ]),
  });
}

export function moveIncident(id: number, input: MoveInput): Promise<Incident> {
  return send<Incident>('POST', `/api/incidents/${id}/moves`, input);
}

export function addComment(id: number, text: string): Promise<Incident> {
  return send<Incident>('POST', `/api/incidents/${id}/comments`, { text });
}

export function reachMilestone(id: number, milestone: string): Promise<Incident> {
  return send<Incident>('POST', `/api/incidents/${id}/milestones`, { milestone });
}

export function addTask(id: number, task: { department: string; instruction?: string }): Promise<Incident> {
  return send<Incident>('POST', `/api/incidents/${id}/tasks`, task);
}

/** @param result what came of it; empty: nothing to tell */
export function stepTask(id: number, task: number, step: string, result: string): Promise<Incident> {
  return send<Incident>('POST', `/api/incidents/${id}/tasks/${task}/${step}`, result === '' ? {} : { result });
}

export async function rateIncident(id: number, score: number): Promise<void> {
  await send<null>('POST', `/api/incidents/${id}/satisfaction`, { score });
}

/** A film over a phone's line takes its time. */
const UPLOAD_TIMEOUT_MS = 60_000;

export async function uploadMedia(id: number, phase: IncidentMedia['phase'], file: File): Promise<void> {
  const response = await fetch(`/api/incidents/${id}/media?phase=${phase}`, {
    method: 'POST',
    body: file,
    headers: { 'Content-Type': file.type || 'application/octet-stream' },
    signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
  });
  if (response.ok) return;
  const answer = (await response.json().catch(() => null)) as { error?: { code: string; message: string } } | null;
  const { code = 'HTTP', message = response.statusText } = answer?.error ?? {};
  throw new ApiError(response.status, code, message, null);
}

export async function removeMedia(id: number, media: number, reason: string): Promise<void> {
  await send<null>('DELETE', withQuery(`/api/incidents/${id}/media/${media}`, { reason }));
}

/** When a light turns: green, then yellow at `warnAt`, red beyond `dueAt`. Null: no clock runs. */
export function lightAt(now: number, warnAt: string | null, dueAt: string | null): 'green' | 'yellow' | 'red' | null {
  if (dueAt === null) return null;
  if (now > Date.parse(dueAt)) return 'red';
  return warnAt !== null && now >= Date.parse(warnAt) ? 'yellow' : 'green';
}
