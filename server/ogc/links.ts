/** Where the OGC API is. Below `/api` it shares tokens, errors, caching and proxies with everything else. */
export const OGC_ROOT = '/api/ogc';

export interface Link {
  href: string;
  rel: string;
  type: string;
  title?: string;
  templated?: boolean;
}

export const JSON_TYPE = 'application/json';
export const GEOJSON_TYPE = 'application/geo+json';
export const HTML_TYPE = 'text/html';
export const SCHEMA_TYPE = 'application/schema+json';
export const OPENAPI_TYPE = 'application/vnd.oai.openapi+json;version=3.0';
export const MVT_TYPE = 'application/vnd.mapbox-vector-tile';

/** The same address with another value of a parameter; every other parameter stays. `null` takes it out. */
export function withParameters(address: string, parameters: Readonly<Record<string, string | null>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}

/** `self` in the format that is answered, and `alternate` in the other. */
export function selfLinks(address: string, type: string, isHtml: boolean): Link[] {
  const json = { href: withParameters(address, { f: 'json' }), type, title: 'JSON' };
  const html = { href: withParameters(address, { f: 'html' }), type: HTML_TYPE, title: 'HTML' };
  // What was asked for is `self` as it was asked, so that a client finds its own address again.
  return isHtml
    ? [
        { ...html, href: address, rel: 'self' },
        { ...json, rel: 'alternate' },
      ]
    : [
        { ...json, href: address, rel: 'self' },
        { ...html, rel: 'alternate' },
      ];
}
