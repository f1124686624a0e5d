/** Sensors and what moves. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Positions, SensorList, SensorReadings } from '../../server/app.ts';
import { getJson, withQuery } from './request.ts';

/** The readings of a sensor over some days before its newest one. */
export function useReadings(sensor: string, days: number) {
  return useQuery({
    queryKey: ['readings', sensor, days],
    queryFn: ({ signal }) =>
      getJson<SensorReadings>(withQuery(`/api/sensors/${encodeURIComponent(sensor)}/readings`, { days }), signal),
    refetchInterval: 30_000,
    // Another range is shown when it has come, not emptiness before.
    placeholderData: keepPreviousData,
  });
}

/** Sensors of some layers with what they said last, in an area; nothing is asked while `layers` is null. */
export function useSensors(layers: string | null, bbox: string | null) {
  return useQuery({
    queryKey: ['sensors', layers, bbox],
    queryFn: ({ signal }) =>
      getJson<SensorList>(withQuery('/api/sensors', { layer: layers, bbox, limit: 2000 }), signal),
    enabled: layers !== null,
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });
}

/** Where vehicles are; after a cursor only those that were heard of since. */
export function getPositions(kinds: string, since: number, trail: number, signal: AbortSignal): Promise<Positions> {
  return getJson<Positions>(withQuery('/api/positions', { kinds, since, trail }), signal);
}
