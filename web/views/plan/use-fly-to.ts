import { useCallback, useState } from 'react';
import type { FlyTo } from '../../map/city-map.tsx';

/** Where to fly: a place at a zoom, or the bounds of several. */
export type Aim = { lng: number; lat: number; zoom: number } | { bounds: [number, number, number, number] };

/** The last wish where the map should fly, and the way to utter another; the same wish twice is two wishes. */
export function useFlyTo(): [FlyTo | null, (name: string, aim: Aim) => void] {
  const [flyTo, setFlyTo] = useState<FlyTo | null>(null);
  const fly = useCallback((name: string, aim: Aim) => setFlyTo({ key: `${name}:${Date.now()}`, ...aim }), []);
  return [flyTo, fly];
}
