/** Names of towns and communities by code, from the boundary layers. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../server/app.ts';
import { useBoundaries } from './api/layers.ts';
import { part } from './load-part.ts';
import { areaMiddle } from './map/area-center.ts';
import type { PlaceLabel } from './map/city-map.tsx';
import type { Level } from './url-state.ts';

/** Town of a grid or community code: nine digits and three zeros. */
export const townOf = (code: string) => `${code.slice(0, 9)}000`;
/** Community of a grid code: its first twelve digits. */
export const communityOf = (code: string) => code.slice(0, 12);

/** Level of a code: `W` and three digits end a grid's, three zeros a town's. */
export function levelOf(code: string): Level {
  if (/W[0-9]{3}$/.test(code)) return 'grid';
  return code.endsWith('000') ? 'town' : 'community';
}

/** True when a grid lies in the area of a code of any level. */
export function isWithin(grid: string, code: string): boolean {
  return grid === code || communityOf(grid) === code || townOf(grid) === code;
}

/** Name of a place; of a micro-grid that of its community and its own number. The code where no name is known. */
export function placeText(code: string, names: PlaceNames): string {
  const known = names.get(code);
  if (known !== undefined || levelOf(code) !== 'grid') return known ?? code;
  const community = names.get(communityOf(code));
  return community === undefined ? code : `${community} ${code.slice(12)}`;
}

/** Town and community of a micro-grid, by name; empty where neither is known. */
export function townAndCommunity(grid: string, names: PlaceNames): string {
  return [names.get(townOf(grid)), names.get(communityOf(grid))].filter(Boolean).join(' · ');
}

export const loadOf = (catalogue: readonly LayerSummary[] | undefined, id: string): number | null =>
  catalogue?.find((layer) => layer.id === id)?.load?.id ?? null;

export type PlaceNames = ReadonlyMap<string, string>;

const asItIs = (name: string) => name;
const loadPinyin = part(() => import('./i18n/place-pinyin.ts'));

/** How names of places are written in the language of the page: Chinese as they are, English in pinyin, once that is loaded. */
export function usePlaceSpelling(): (name: string) => string {
  const isEnglish = useTranslation().i18n.language === 'en';
  const pinyin = useQuery({ queryKey: ['place-pinyin'], queryFn: loadPinyin, enabled: isEnglish, staleTime: Infinity });
  return isEnglish && pinyin.data ? pinyin.data.placePinyin : asItIs;
}

/** Names of towns and communities at the middle of each, for the map. */
export function usePlaceLabels(catalogue: readonly LayerSummary[] | undefined): PlaceLabel[] {
  const towns = useBoundaries('town', loadOf(catalogue, 'town_boundary'));
  const communities = useBoundaries('community', loadOf(catalogue, 'community_boundary'));
  const spell = usePlaceSpelling();
  return useMemo(() => {
    const labels = (data: typeof towns.data, level: PlaceLabel['level']) =>
      (data?.features ?? []).flatMap((feature): PlaceLabel[] => {
        const { name } = feature.properties;
        const center = areaMiddle(feature.geometry);
        return typeof name === 'string' && center ? [{ level, name: spell(name), ...center }] : [];
      });
    return [...labels(towns.data, 'town'), ...labels(communities.data, 'community')];
  }, [towns.data, communities.data, spell]);
}

/** Code → name in the language of the page; empty until the boundaries are loaded. Show the code where a name is missing. */
export function usePlaceNames(catalogue: readonly LayerSummary[] | undefined): PlaceNames {
  const towns = useBoundaries('town', loadOf(catalogue, 'town_boundary'));
  const communities = useBoundaries('community', loadOf(catalogue, 'community_boundary'));
  const spell = usePlaceSpelling();
  return useMemo(() => {
    const names = new Map<string, string>();
    for (const feature of [...(towns.data?.features ?? []), ...(communities.data?.features ?? [])]) {
      const { code, name } = feature.properties;
      if (typeof code === 'string' && typeof name === 'string') names.set(code, spell(name));
    }
    return names;
  }, [towns.data, communities.data, spell]);
}
