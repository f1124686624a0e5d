import { identifier, tableName } from '../../../layers/ddl.ts';
import type { Layer } from '../../../layers/define.ts';
import { findLayer } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import { AddressIndex, type AddressMatch, type Place, roomsOf } from './address-index.ts';
import { beginHash, hashAscii, type HashBegun, keyHash } from '../key-hash.ts';
import { KeySet } from '../key-set.ts';
import { eachLine, FIELD_END } from '../live-links.ts';
import { type AddressLesson, buildingField } from './address-lesson.ts';
import { AddressReader, ROOM_BYTES, stemIn } from './address-reader.ts';
import { EMPTY_GAZETTEER, type Gazetteer, makeGazetteer } from './gazetteer.ts';

/** Layers that teach where addresses lie and are loaded before those that are placed by theirs. */
export const ADDRESS_SOURCES: readonly string[] = ['standard_address', 'poi'];

/** What is remembered of a building: the keys of its rooms, where they are when not known themselves, how sure it was read. */
interface Around {
  rooms: readonly HashBegun[];
  match: AddressMatch | null;
  confidence: number;
}

/** Keys of the index for each row, about: most rows are rooms, and share the rest with those of their building. */
const KEYS_PER_ROW = 1.5;

/** Buildings remembered at most. */
const REMEMBERED = 200_000;

/** Finds the place of an address. */
export class Addresses {
  /** Ids of the layers whose rows it knows. */
  readonly taught: string[] = [];
  private readonly index: AddressIndex;
  private readonly gazetteer: Gazetteer;
  /** Buildings that were read, whether to learn where they are or to find them. */
  private readonly buildings = new Map<string, Place>();
  private readonly reader: AddressReader;
  /** Buildings by the hash of the bytes of an address up to the number of the room, and what is remembered of each. */
  private stems = new KeySet(1024);
  private arounds: Around[] = [];
  /** The bytes that were looked at last. */
  private buffer: Buffer = Buffer.alloc(0);

  constructor(index: AddressIndex, gazetteer: Gazetteer) {
    this.index = index;
    this.gazetteer = gazetteer;
    this.reader = new AddressReader(gazetteer, this.buildings);
  }

  /** Addresses known. */
  get size(): number {
    return this.index.size;
  }

  /** Learns the rows of a layer, in addition to what is known: `teach` adds them to the index. */
  async learn(layer: string, teach: (index: AddressIndex, reader: AddressReader) => Promise<void>): Promise<void> {
    await teach(this.index, new AddressReader(this.gazetteer, this.buildings));
    this.taught.push(layer);
    // What is around a room may lie elsewhere now.
    this.stems = new KeySet(1024);
    this.arounds = [];
  }

  find(text: string): AddressMatch | null {
    const bytes = Buffer.from(text);
    return this.look(bytes, 0, bytes.length, text);
  }

  /**
   * The same for an address in UTF-8. Of another room of a building nothing is read but its number: whatever stands before it is
   * what it was the first time (see `AddressReader`).
   */
  findIn(bytes: Uint8Array, start: number, end: number): AddressMatch | null {
    return this.look(bytes, start, end, null);
  }

  /** @param text what stands in the bytes, where it is at hand */
  private look(bytes: Uint8Array, start: number, end: number, text: string | null): AddressMatch | null {
    const stem = stemIn(bytes, start, end);
    if (stem === 0) return this.index.find(this.reader.read(text ?? this.textOf(bytes, start, end)));
    hashAscii(bytes, start, stem);
    const { a, b, c } = keyHash;
    let around = this.arounds[this.stems.indexOfHash(a, b, c)];
    if (around === undefined) {
      const { index, reader } = this;
      const place = reader.read(text ?? this.textOf(bytes, start, end));
      if (!reader.isRoom) return index.find(place);
      const { parts, communityCode, confidence } = place;
      around = { rooms: roomsOf(parts, communityCode).map(beginHash), match: index.findAround(place), confidence };
      if (this.arounds.length >= REMEMBERED) {
        this.stems = new KeySet(1024);
        this.arounds = [];
      }
      this.arounds[this.stems.addHash(a, b, c)] = around;
    }
    return this.index.findRoomIn(around.rooms, bytes, stem, end - ROOM_BYTES, around.confidence) ?? around.match;
  }

  private textOf(bytes: Uint8Array, start: number, end: number): string {
    if (this.buffer.buffer !== bytes.buffer || this.buffer.byteOffset !== bytes.byteOffset)
      this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.buffer.toString('utf8', start, end);
  }
}

/**
 * What the live layers know of addresses: the rows of those that teach which have one and a place, the boundaries, the
 * names of roads.
 * @param teaching ids of the layers to learn from, of those of `teachersOf`: whoever learned from his own rows of the load
 *   before would find other places, and no buildings, when the same file came again
 * @param lessons of those whose live version was loaded in this run: what they teach is at hand
 * @param known what some of these have taught already; it learns the others
 * @param expected rows that will be taught
 */
export async function readAddresses(
  db: Database,
  teaching: readonly string[],
  lessons: ReadonlyMap<string, AddressLesson> = new Map(),
  known: Addresses | null = null,
  expected = 0,
): Promise<Addresses> {
  const live = new Set(
    (await db.sql<{ layer_id: string }[]>`select layer_id from app.layer_state`).map(({ layer_id }) => layer_id),
  );
  const addresses = known ?? (await readDivisions(db, live, expected));
  // In this order, which is that of loading: what a layer teaches is then added to what those before it have.
  for (const id of ADDRESS_SOURCES) {
    const layer = findLayer(id);
    if (!layer || !teaching.includes(id) || addresses.taught.includes(id) || !live.has(id)) continue;
    if (layer.address === undefined || layer.geometry !== 'point') continue;
    const lesson = lessons.get(id);
    await addresses.learn(id, (index, reader) =>
      lesson ? lesson.teach(index, reader) : teachLive(db, layer, index, reader),
    );
  }
  return addresses;
}

/** Adds the live rows of a layer to an index. */
async function teachLive(db: Database, layer: Layer, index: AddressIndex, reader: AddressReader): Promise<void> {
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

/** What is known before any layer teaches: names, and the middle of each community. */
async function readDivisions(db: Database, live: ReadonlySet<string>, expected: number): Promise<Addresses> {
  const gazetteer = await readGazetteer(db, live);
  const index = new AddressIndex(Math.ceil(expected * KEYS_PER_ROW));
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
