import { isText } from '../is-text.ts';
import type { Catalogue } from '../catalogue.ts';
import type { FoundPlace } from '../incidents/validate.ts';
import { pointOf } from '../search/search-segment.ts';
import type { SearchIndex } from '../search/search-index.ts';

/** What an address is told by, the most exact first. Names of people and of firms are not looked at. */
const LAYERS = ['standard_address', 'door_plate', 'housing_estate', 'place_name', 'poi'];
/** Below this a hit shares some words with what was said, no more. */
const LEAST_SCORE = 0.45;
const HITS = 3;
/** What every address here begins with says nothing about the place. */
const REGION = /^(中国)?(广东省?)?(佛山市?)?(禅城区?)?/;

/**
 * Finds the place of an address by the search index, whose reader knows Chinese addresses with parts missing. What lies
 * outside the district is not found; nor is anything before its layers are loaded.
 */
export function createAddressFinder(index: SearchIndex, catalogue: Catalogue) {
  return async (address: string): Promise<FoundPlace | undefined> => {
    const text = address.replace(REGION, '').trim();
    if (text.length < 2 || !isText(text)) return undefined;
    const entries = (await catalogue.list('staff')).filter(
      ({ layer, state }) => state !== null && LAYERS.includes(layer.id),
    );
    if (entries.length === 0) return undefined;
    const hits = (await index.search(text.slice(0, 100), entries, HITS, null)).filter(
      ({ score, place }) => place !== null && score >= LEAST_SCORE,
    );
    const rank = ({ score, layer }: (typeof hits)[number]): number => score - LAYERS.indexOf(layer) / 1000;
    const best = hits.toSorted((a, b) => rank(b) - rank(a))[0];
    if (!best?.place) return undefined;
    const [lon, lat] = pointOf(best.place);
    return { lon, lat };
  };
}
