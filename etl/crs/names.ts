/** Code of a CRS that a .prj or WKT names, where the name is enough: ArcGIS writes names, not codes. */
export function crsOfWkt(wkt: string): { crs: string; name: string } {
  // Some programs leave the quotes out.
  const name = /^\s*\w+\[\s*"?([^",\]]+)/.exec(wkt)?.[1]?.trim() ?? wkt.slice(0, 60);
  const authority = /(?:AUTHORITY|ID)\[\s*"EPSG"\s*,\s*"?(\d+)"?\s*\]\s*\]\s*$/.exec(wkt)?.[1];
  if (authority !== undefined) return { crs: `EPSG:${authority}`, name: `EPSG:${authority} (${name})` };
  const code = codeOfName(name);
  return code === null ? { crs: wkt, name } : { crs: code, name: `${code} (${name})` };
}

function codeOfName(name: string): string | null {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  if (plain === 'gcs_wgs_1984' || plain === 'wgs_84' || plain === 'wgs84') return 'EPSG:4326';
  if (/^(gcs_)?china_geodetic_coordinate_system_2000$|^cgcs2000$|^gcs_cgcs2000$/.test(plain)) return 'EPSG:4490';
  if (/^wgs_(19)?84_(web_mercator_auxiliary_sphere|pseudo_mercator)$/.test(plain)) return 'EPSG:3857';
  const zone = /^cgcs2000_3_degree_(?:gk|gauss_kruger)_zone_(\d+)$/.exec(plain)?.[1];
  if (zone !== undefined) return `EPSG:${4513 + Number(zone) - 25}`;
  const meridian = /^cgcs2000_3_degree_(?:gk|gauss_kruger)_cm_(\d+)e$/.exec(plain)?.[1];
  if (meridian !== undefined) return `EPSG:${4534 + Number(meridian) / 3 - 25}`;
  const utm = /^wgs_(?:19)?84_utm_zone_(\d+)([ns])$/.exec(plain);
  if (utm) return `EPSG:${(utm[2] === 'n' ? 32600 : 32700) + Number(utm[1])}`;
  return null;
}

/** Spellings people use on the command line and in deliveries: `epsg:4526`, `4526`, `gcj02`, `WGS84`, `CGCS2000`, `4547/yx`. */
export function normalCrs(text: string): string {
  const plain = text.trim();
  if (/\/yx$/i.test(plain)) return `${normalCrs(plain.slice(0, -3))}/yx`;
  const upper = plain.toUpperCase().replaceAll(/[\s_-]/g, '');
  if (upper === 'GCJ02' || upper === 'GCJ') return 'GCJ-02';
  if (upper === 'BD09MC') return 'BD-09MC';
  if (upper === 'BD09' || upper === 'BD09LL') return 'BD-09';
  if (upper === 'WGS84' || upper === 'CRS84' || upper === 'OGC:CRS84') return 'EPSG:4326';
  if (upper === 'CGCS2000') return 'EPSG:4490';
  const code = /^(?:EPSG:+)?(\d{4,6})$/i.exec(plain.replace(/^urn:ogc:def:crs:/i, ''))?.[1];
  return code === undefined ? plain : `EPSG:${code}`;
}
