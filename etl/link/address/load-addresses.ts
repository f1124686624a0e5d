import { identifier, tableName } from '../../../layers/ddl.ts';
import type { Layer } from '../../../layers/define.ts';
import { layers } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import { AddressIndex, type AddressMatch, type Place, roomsOf } from './address-index.ts';
import { beginHash, type HashBegun } from '../key-hash.ts';
import { eachLine, FIELD_END } from '../live-links.ts';
import { AddressReader } from './address-reader.ts';
import { EMPTY_GAZETTEER, type Gazetteer, makeGazetteer } from './gazetteer.ts';

/** Layers that teach where addresses lie and are loaded before those that are placed by theirs. */
export const ADDRESS_SOURCES: readonly string[] = ['standard_address', 'poi'];

/** The layer whose keys are codes of buildings. */
export const BUILDINGS = 'building_footprint';

/** Finds the place of an address. */
export class Addresses {
  private readonly index: AddressIndex;
  private readonly reader: AddressReader;
  /** By what the reader remembers of a building: the keys of its rooms, and where they are when not known themselves. */
  private readonly around = new WeakMap<Place, { rooms: readonly HashBegun[]; match: AddressMatch | null }>();

  constructor(index: AddressIndex, gazetteer: Gazetteer) {
    this.index = index;
    this.reader = new AddressReader(gazetteer);
  }

  /** Addresses known. */
  get size(): number {
    return this.index.size;
  }

  find(text: string): AddressMatch | null {
    const { index, reader } = this;
    const place = reader.read(text);
    if (!reader.isRoom) return index.find(place);
    let around = this.around.get(place);
    if (!around) {
      const rooms = roomsOf(place.parts, place.communityCode).map(beginHash);
      around = { rooms, match: index.findAround(place) };
      this.around.set(place, around);
    }
    return index.findRoom(place, around.rooms) ?? around.match;
  }
}

/**
 * What the live layers know of addresses: the rows of those that teach which have one and a place, the boundaries, the
 * names of roads.
 * @param teaching ids of the layers to learn from, of those of `teachersOf`: whoever learned from his own rows of the load
 *   before would find other places, and no buildings, when the same file came again
 */
export async function readAddresses(db: Database, teaching: readonly string[]): Promise<Addresses> {
  const live = new Set(
    (await db.sql<{ layer_id: string }[]>`select layer_id from app.layer_state`).map(({ layer_id }) => layer_id),
  );
  const gazetteer = await readGazetteer(db, live);
  const teachers = layers.filter(
    ({ id, address, geometry }) =>
      teaching.includes(id) && address !== undefined && geometry === 'point' && live.has(id),
  );
  const index = new AddressIndex();
  for (const layer of teachers) {
    const reader = new AddressReader(gazetteer);
    const address = identifier(layer.address as string);
    const building = buildingField(layer);
    const code = building === null ? `''` : `coalesce(${identifier(building)}, '')`;
    const rows = `select ${address} || '${FIELD_END}' || st_x(geom) || '${FIELD_END}' || st_y(geom) || '${FIELD_END}' || ${code} as line
      from ${tableName(layer, 'layers')} t where geom is not null and ${address} is not null
        and not exists (select from app.repair r where r.load_id = t.load_id and r.source_id = t.source_id and r.code = 'PLACED_BY_ADDRESS')`;
    await eachLine(db, rows, (line) => {
      const [text, lon, lat, within] = line.split(FIELD_END) as [string, string, string, string];
      const place = reader.read(text);
      const known = within === '' ? null : within;
      if (reader.isNextRoom) index.addRoom(place, Number(lon), Number(lat), known);
      else index.add(place, Number(lon), Number(lat), known);
    });
  }
  if (live.has('community_boundary')) {
    const communities = await db.sql<{ code: string; lon: number; lat: number }[]>`
      select source_id as code, st_x(p) as lon, st_y(p) as lat
      from (select source_id, st_pointonsurface(geom) as p from layers.community_boundary) q`;
    for (const { code, lon, lat } of communities) index.addCommunity(code, lon, lat);
  }
  return new Addresses(index, gazetteer);
}

async function readGazetteer(db: Database, live: ReadonlySet<string>): Promise<Gazetteer> {
  if (!live.has('town_boundary') || !live.has('community_boundary')) return EMPTY_GAZETTEER;
  const towns = await db.sql<
    { code: string; name: string }[]
  >`select source_id as code, name from layers.town_boundary`;
  const communities = await db.sql<
    { code: string; name: string }[]
  >`select source_id as code, name from layers.community_boundary`;
  const roads = live.has('road_centerline')
    ? await db.sql<{ name: string }[]>`select distinct name from layers.road_centerline where name is not null`
    : [];
  return makeGazetteer(
    towns,
    communities,
    roads.map(({ name }) => name),
  );
}

/** The field in which the department itself states the building of a row. */
function buildingField(layer: Layer): string | null {
  const { field } = (layer.checks.references ?? []).find(({ layer: target }) => target === BUILDINGS) ?? {};
  return field ?? null;
}

/** Layers whose rows teach this one's where their addresses lie: of those that teach, the ones named before. */
export function teachersOf(layer: Layer): readonly string[] {
  const at = ADDRESS_SOURCES.indexOf(layer.id);
  return at < 0 ? ADDRESS_SOURCES : ADDRESS_SOURCES.slice(0, at);
}

/** Layers on which it depends where the addresses of this one are found. */
export function addressSourcesOf(layer: Layer): readonly string[] {
  if (layer.address === undefined) return [];
  return [...teachersOf(layer), 'community_boundary', 'town_boundary', 'road_centerline'];
}
