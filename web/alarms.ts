/** Rules and alarms: what the screens ask the API, and what they send. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Alarm, AlarmList, Backtest, Rule, RuleDetail, RuleList, SensorList } from '../server/app.ts';
import { getJson, postJson, send, withQuery } from './api/request.ts';
import { useLive } from './live-store.ts';

/** A flood of alarms asks once in a while, not with each of them. */
const SETTLE_MS = 400;

/** Open alarms, the most urgent first, or those that are over, the newest first; asked for again when the live feed tells of one. */
export function useAlarms(state: 'open' | 'cleared', limit: number) {
  const client = useQueryClient();
  const version = useLive((live) => live.alarmVersion);
  useEffect(() => {
    if (version === 0) return;
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: ['alarms'] }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [version, client]);
  return useQuery({
    queryKey: ['alarms', state, limit],
    queryFn: ({ signal }) =>
      getJson<AlarmList>(
        withQuery('/api/alarms', { state, limit, order: state === 'open' ? 'urgent' : 'newest' }),
        signal,
      ),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });
}

export function useRules() {
  return useQuery({
    queryKey: ['rules'],
    queryFn: ({ signal }) => getJson<RuleList>('/api/rules', signal),
    refetchInterval: 15_000,
  });
}

export function useRule(id: number | null) {
  return useQuery({
    queryKey: ['rules', id],
    queryFn: ({ signal }) => getJson<RuleDetail>(`/api/rules/${id}`, signal),
    enabled: id !== null,
  });
}

/** Layers whose features measure, with what they measure. */
export function useSensorLayers() {
  return useQuery({
    queryKey: ['sensor-layers'],
    queryFn: async ({ signal }) => (await getJson<SensorList>('/api/sensors?limit=1', signal)).layers,
    staleTime: 60_000,
  });
}

export function saveRule(id: number | null, rule: Rule, reason: string): Promise<RuleDetail> {
  return id === null
    ? send<RuleDetail>('POST', '/api/rules', { rule, reason })
    : send<RuleDetail>('PUT', `/api/rules/${id}`, { rule, reason });
}

export function switchRule(id: number, on: boolean, reason: string): Promise<RuleDetail> {
  return send<RuleDetail>('POST', `/api/rules/${id}/${on ? 'enable' : 'disable'}`, { reason });
}

export async function removeRule(id: number): Promise<void> {
  await send<null>('DELETE', `/api/rules/${id}`);
}

/** A saved rule in its newest version, or one that is only written. */
export function testRule(of: { id: number } | { rule: Rule }, days: number): Promise<Backtest> {
  const to = Date.now();
  const from = to - days * 86_400_000;
  return postJson<Backtest>('/api/rules/backtest', {
    ...of,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
}

export function answerAlarm(id: number, act: 'acknowledge' | 'clear'): Promise<Alarm> {
  return send<Alarm>('POST', `/api/alarms/${id}/${act}`);
}
