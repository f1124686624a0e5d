import type { CatalogueEntry } from '../catalogue.ts';
import { CRS84, CRS_LIST } from './crs.ts';
import { GEOJSON_TYPE, HTML_TYPE, JSON_TYPE, type Link, OGC_ROOT, SCHEMA_TYPE } from './links.ts';
import { timeField } from './read-datetime.ts';

/** True for what has features: a raster has tiles only, and a layer that was never loaded has nothing yet. */
export function isCollection({ layer, state }: CatalogueEntry): boolean {
  return layer.geometry !== 'raster' && state !== null;
}

export interface Collection extends Record<string, unknown> {
  id: string;
  title: string;
  description: string;
  extent?: Record<string, unknown>;
  itemType: 'feature';
  crs: string[];
  storageCrs: string;
  links: Link[];
}

function extentOf({ layer, state }: CatalogueEntry, masked: readonly string[]): Record<string, unknown> | undefined {
  const spatial = state?.bbox ? { spatial: { bbox: [state.bbox], crs: CRS84.uri } } : {};
  const temporal =
    timeField(layer, masked) === null
      ? {}
      : { temporal: { interval: [[null, null]], trs: 'http://www.opengis.net/def/uom/ISO-8601/0/Gregorian' } };
  const extent = { ...spatial, ...temporal };
  return Object.keys(extent).length === 0 ? undefined : extent;
}

/**
 * A layer as a collection. Alone it names every coordinate system; in the list it points at the list's own, which all
 * share: 244 times the same 68 addresses would be most of the answer.
 */
export function collectionOf(
  entry: CatalogueEntry,
  masked: readonly string[],
  origin: string,
  isAlone: boolean,
): Collection {
  const { layer } = entry;
  const here = `${origin}${OGC_ROOT}/collections/${layer.id}`;
  const extent = extentOf(entry, masked);
  return {
    id: layer.id,
    title: `${layer.title.zh} / ${layer.title.en}`,
    description: `${layer.title.zh} / ${layer.title.en} (${layer.geometry}, ${layer.sensitivity})`,
    ...(extent === undefined ? {} : { extent }),
    itemType: 'feature',
    crs: isAlone ? CRS_LIST.map(({ uri }) => uri) : ['#/crs'],
    storageCrs: CRS84.uri,
    links: [
      // Without a query: GDAL writes the number of a feature behind this address.
      { rel: 'items', href: `${here}/items`, type: GEOJSON_TYPE, title: 'Features as GeoJSON' },
      { rel: 'items', href: `${here}/items?f=html`, type: HTML_TYPE, title: 'Features as a page' },
      {
        rel: 'http://www.opengis.net/def/rel/ogc/1.0/queryables',
        href: `${here}/queryables?f=json`,
        type: SCHEMA_TYPE,
        title: 'What can be asked for',
      },
      {
        rel: 'http://www.opengis.net/def/rel/ogc/1.0/sortables',
        href: `${here}/sortables?f=json`,
        type: SCHEMA_TYPE,
        title: 'What features can be ordered by',
      },
      {
        rel: 'http://www.opengis.net/def/rel/ogc/1.0/schema',
        href: `${here}/schema?f=json`,
        type: SCHEMA_TYPE,
        title: 'What a feature has',
      },
      {
        rel: 'http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector',
        href: `${here}/tiles?f=json`,
        type: JSON_TYPE,
        title: 'Vector tiles',
      },
    ],
  };
}
