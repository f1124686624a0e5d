import { identifier, tableName } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import type { Loader } from '../../server/db/copy.ts';
import type { GridMesh } from '../../server/db/mesh.ts';
import { mortonKey, worldX, worldY } from '../encode/world-pixel.ts';
import type { AddressPrecision } from '../link/address/address-index.ts';
import type { Addresses } from '../link/address/load-addresses.ts';
import type { PlaceIndex, Position } from '../link/place-index.ts';
import { placePoint } from './place.ts';
import type { RepairWriter } from './repairs.ts';

const BATCH = 5000;
/** A match that is less sure than this is no place. */
const LEAST_CONFIDENCE = 0.2;

export interface PlacedByAddress {
  /** Rows placed, by precision. */
  byPrecision: Map<AddressPrecision, number>;
  placed: number;
  /** Rows with an address that is not known. */
  unknown: number;
  /** `[minLon, minLat, maxLon, maxLat]` of the places, or null. */
  bbox: [number, number, number, number] | null;
}

/**
 * Places rows without coordinates by their address, in the filled table: they are few, and what it takes to know all
 * addresses is only read when there are any. Each is listed as a repair, with precision and confidence.
 */
export async function placeByAddress(
  loader: Loader,
  layer: Layer,
  mesh: GridMesh | null,
  addresses: () => Promise<Addresses>,
  repairs: RepairWriter,
  places: PlaceIndex | null,
): Promise<PlacedByAddress> {
  const result: PlacedByAddress = { byPrecision: new Map(), placed: 0, unknown: 0, bbox: null };
  if (layer.address === undefined || layer.geometry !== 'point') return result;
  const table = tableName(layer, 'layers_next');
  const address = identifier(layer.address);
  const rows = await loader.query<{ fid: string; source_id: string; address: string }>(
    `select fid::text as fid, source_id, ${address} as address from ${table} where geom is null and ${address} is not null`,
  );
  if (rows.length === 0) return result;
  const known = await addresses();
  let found: Record<string, unknown>[] = [];
  for (const { fid, source_id, address: text } of rows) {
    const match = known.find(text);
    const position: Position = { lon: 0, lat: 0, h3High: 0, h3Low: 0, cell: -1 };
    if (!match || match.confidence < LEAST_CONFIDENCE || !placePoint(match.lon, match.lat, position, mesh, true)) {
      result.unknown += 1;
      continue;
    }
    result.placed += 1;
    const box = (result.bbox ??= [Infinity, Infinity, -Infinity, -Infinity]);
    result.bbox = [
      Math.min(box[0], position.lon),
      Math.min(box[1], position.lat),
      Math.max(box[2], position.lon),
      Math.max(box[3], position.lat),
    ];
    result.byPrecision.set(match.precision, (result.byPrecision.get(match.precision) ?? 0) + 1);
    const message = `${match.precision} ${match.confidence.toFixed(2)}: ${text}`.slice(0, 500);
    repairs.add(source_id, { code: 'PLACED_BY_ADDRESS', message });
    places?.move(source_id, position);
    found.push({ fid, ...columnsOf(position, mesh) });
    if (found.length >= BATCH) {
      await update(loader, table, found);
      found = [];
    }
  }
  await update(loader, table, found);
  await repairs.flush();
  return result;
}

function columnsOf(position: Position, mesh: GridMesh | null): Record<string, unknown> {
  const { lon, lat, cell } = position;
  const [mx, my] = [worldX(lon), worldY(lat)];
  return {
    lon,
    lat,
    h3: ((BigInt(position.h3High) << 32n) | BigInt(position.h3Low)).toString(),
    mx,
    my,
    qk: mortonKey(mx, my),
    grid: mesh && cell >= 0 ? mesh.codes[cell] : null,
    community: mesh && cell >= 0 ? mesh.communities[cell] : null,
    town: mesh && cell >= 0 ? mesh.towns[cell] : null,
  };
}

async function update(loader: Loader, table: string, rows: readonly Record<string, unknown>[]): Promise<void> {
  if (rows.length === 0) return;
  await loader.query(
    `update ${table} t set geom = st_setsrid(st_point(r.lon, r.lat), 4326), h3 = r.h3::int8, mx = r.mx, my = r.my, qk = r.qk,
       grid_code = coalesce(r.grid, t.grid_code), community_code = coalesce(r.community, t.community_code), town_code = coalesce(r.town, t.town_code)
     from jsonb_to_recordset($1::text::jsonb) as r(fid text, lon float8, lat float8, h3 text, mx int4, my int4, qk int8,
       grid text, community text, town text)
     where t.fid = r.fid::int8`,
    [JSON.stringify(rows)],
  );
}
