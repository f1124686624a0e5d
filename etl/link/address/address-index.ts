import { beginHash, hashAsciiRest, type HashBegun, keyHash } from '../key-hash.ts';
import { KeySet } from '../key-set.ts';
import { numberText } from './normal-text.ts';
import type { AddressParts, ParsedAddress } from './parse-address.ts';

/** How near to the door a place found by address is. */
export type AddressPrecision = 'room' | 'building' | 'plate' | 'road' | 'community';

export interface AddressMatch {
  lon: number;
  lat: number;
  precision: AddressPrecision;
  /** 0..1: reading of the address, times how sure the found place is the meant one. */
  confidence: number;
  /** Code of the building, where all that is known of the place is in one; null for what is less precise than a plate. */
  building: string | null;
}

/** Of a place in no building that is known, and of one in several. */
const NO_BUILDING = 0;
const SEVERAL = -1;

/** Numbers kept of each key: count, sums and extent of longitude and latitude. */
const WORDS = 7;
/** Places under one key may lie this far apart, metres: a road is long, a plate is not. */
const EXTENT: Readonly<Record<AddressPrecision, number>> = {
  room: 80,
  building: 150,
  plate: 250,
  road: 1500,
  community: 3000,
};
/** What a match of this precision is worth when all else is certain. */
const WORTH: Readonly<Record<AddressPrecision, number>> = {
  room: 1,
  building: 0.95,
  plate: 0.9,
  road: 0.5,
  community: 0.3,
};
/** Plates this far from a known one on the same side of the road are placed beside it. */
const NEIGHBOURS = 10;

/**
 * Where addresses lie, from layers that have both. Keeps hashes and sums, some 80 bytes for each part of an address, so
 * that the 640,000 rooms of a district fit.
 */
export class AddressIndex {
  /** Addresses that were added. */
  size = 0;
  private readonly keys: KeySet;
  private numbers: Float64Array;
  /** Of each key the number of its building from 1, see `NO_BUILDING`. */
  private buildings: Int32Array;
  private readonly buildingCodes: string[] = [];
  private readonly buildingNumbers = new Map<string, number>();
  /** Of the address added last: its keys up to the number of the room, and the numbers of its other keys. */
  private lastRooms: readonly HashBegun[] = [];
  private readonly lastOthers: number[] = [];
  private readonly lastRoads: number[] = [];
  private lastBuilding: string | null = null;
  private lastNumber = NO_BUILDING;

  constructor(expected = 1024) {
    this.keys = new KeySet(expected);
    this.numbers = new Float64Array(Math.max(64, expected) * WORDS);
    this.buildings = new Int32Array(Math.max(64, expected));
  }

  /** @param building code of the building the address is in, where the row says so */
  add({ parts, communityCode, confidence }: Place, lon: number, lat: number, building: string | null = null): void {
    this.lastRooms = roomsOf(parts, communityCode).map(beginHash);
    this.lastOthers.length = 0;
    this.lastRoads.length = 0;
    if (confidence < 0.5) return;
    this.size += 1;
    const number = this.numberOf(building);
    this.putRooms(parts.room ?? '', lon, lat, number);
    for (const { keys, precision } of ladder(parts, communityCode)) {
      const isRoad = precision === 'road';
      for (const key of keys) {
        (isRoad ? this.lastRoads : this.lastOthers).push(this.put(key, lon, lat, isRoad ? NO_BUILDING : number));
      }
    }
  }

  /** The same for another room of what was added last. */
  addRoom({ parts, confidence }: Place, lon: number, lat: number, building: string | null = null): void {
    if (confidence < 0.5) return;
    this.size += 1;
    const number = this.numberOf(building);
    this.putRooms(parts.room ?? '', lon, lat, number);
    this.putAround(lon, lat, number);
  }

  /** The same for a room whose number stands in bytes, of an address that is read with this confidence. */
  addRoomIn(
    bytes: Uint8Array,
    [start, end]: readonly [number, number],
    confidence: number,
    lon: number,
    lat: number,
    building: string | null,
  ): void {
    if (confidence < 0.5) return;
    this.size += 1;
    const number = this.numberOf(building);
    for (const begun of this.lastRooms) {
      hashAsciiRest(begun, bytes, start, end);
      this.note(this.keys.numberOfHash(keyHash.a, keyHash.b, keyHash.c), lon, lat, number);
    }
    this.putAround(lon, lat, number);
  }

  /** What the address added last has above its room. */
  private putAround(lon: number, lat: number, building: number): void {
    for (const index of this.lastOthers) this.note(index, lon, lat, building);
    for (const index of this.lastRoads) this.note(index, lon, lat, NO_BUILDING);
  }

  private putRooms(room: string, lon: number, lat: number, building: number): void {
    for (const begun of this.lastRooms) this.note(this.keys.numberOfRest(begun, room), lon, lat, building);
  }

  private numberOf(building: string | null): number {
    if (building === null) return NO_BUILDING;
    // Most rows are of the building of the row before.
    if (building === this.lastBuilding) return this.lastNumber;
    let number = this.buildingNumbers.get(building);
    if (number === undefined) {
      number = this.buildingCodes.push(building);
      this.buildingNumbers.set(building, number);
    }
    this.lastBuilding = building;
    this.lastNumber = number;
    return number;
  }

  /** The middle of a community: where its addresses lie that are not known better. */
  addCommunity(code: string, lon: number, lat: number): void {
    this.put(`m ${code}`, lon, lat);
  }

  /** The place of an address, by the smallest of its parts that is known and lies in one place; null when none is. */
  find(place: Place): AddressMatch | null {
    const rooms = roomsOf(place.parts, place.communityCode).map(beginHash);
    return this.findRoom(place, rooms) ?? this.findAround(place);
  }

  /** The place of the room itself. @param rooms its keys up to its number, `roomsOf`, begun */
  findRoom({ parts, confidence }: Place, rooms: readonly HashBegun[]): AddressMatch | null {
    for (const room of rooms) {
      const found = this.at(this.keys.indexOfRest(room, parts.room ?? ''), 'room');
      if (found) return { ...found, precision: 'room', confidence: round(confidence * WORTH.room) };
    }
    return null;
  }

  /** The same for a room whose number stands in bytes, for an address that is read with this confidence. */
  findRoomIn(
    rooms: readonly HashBegun[],
    bytes: Uint8Array,
    start: number,
    end: number,
    confidence: number,
  ): AddressMatch | null {
    for (const room of rooms) {
      hashAsciiRest(room, bytes, start, end);
      const found = this.at(this.keys.indexOfHash(keyHash.a, keyHash.b, keyHash.c), 'room');
      if (found) return { ...found, precision: 'room', confidence: round(confidence * WORTH.room) };
    }
    return null;
  }

  /** The place of what the room is in: the same for every room. */
  findAround({ parts, communityCode, confidence }: Place): AddressMatch | null {
    for (const { keys, precision, share } of ladder(parts, communityCode)) {
      for (const key of keys) {
        const found = this.get(key, precision);
        if (found) return { ...found, precision, confidence: round(confidence * WORTH[precision] * share) };
      }
      if (precision === 'plate' && parts.road !== null) {
        const beside = this.besidePlate(parts, communityCode);
        // The plate next door may be on the building next door.
        if (beside) return { ...beside, precision: 'plate', confidence: round(confidence * 0.7), building: null };
      }
    }
    const community = communityCode === null ? null : this.get(`m ${communityCode}`, 'community');
    if (!community) return null;
    return { ...community, precision: 'community', confidence: round(confidence * WORTH.community) };
  }

  /** The nearest known plate on the same side of the road. */
  private besidePlate(parts: AddressParts, community: string | null): FoundPlace | null {
    const number = Number(/^\d+/.exec(parts.plate ?? '')?.[0] ?? Number.NaN);
    if (!Number.isFinite(number)) return null;
    const plates = roadKeys(parts, community).map((road) => beginHash(plateKey(road, '')));
    for (let away = 0; away <= NEIGHBOURS; away += 2) {
      for (const plate of away === 0 ? [number] : [number - away, number + away]) {
        for (const begun of plates) {
          const found = this.at(this.keys.indexOfRest(begun, String(plate)), 'plate');
          if (found) return found;
        }
      }
    }
    return null;
  }

  /** Notes a place of a key. @returns the number of the key */
  private put(key: string, lon: number, lat: number, building = NO_BUILDING): number {
    const index = this.keys.numberOf(key);
    this.note(index, lon, lat, building);
    return index;
  }

  private note(index: number, lon: number, lat: number, building: number): void {
    if ((index + 1) * WORDS > this.numbers.length) {
      const numbers = new Float64Array(this.numbers.length * 2);
      numbers.set(this.numbers);
      this.numbers = numbers;
      const buildings = new Int32Array(numbers.length / WORDS);
      buildings.set(this.buildings);
      this.buildings = buildings;
    }
    const { numbers, buildings } = this;
    const before = buildings[index] as number;
    if (building !== NO_BUILDING && before !== building) buildings[index] = before === NO_BUILDING ? building : SEVERAL;
    const at = index * WORDS;
    const isFirst = numbers[at] === 0;
    numbers[at] = (numbers[at] as number) + 1;
    numbers[at + 1] = (numbers[at + 1] as number) + lon;
    numbers[at + 2] = (numbers[at + 2] as number) + lat;
    numbers[at + 3] = isFirst ? lon : Math.min(numbers[at + 3] as number, lon);
    numbers[at + 4] = isFirst ? lat : Math.min(numbers[at + 4] as number, lat);
    numbers[at + 5] = isFirst ? lon : Math.max(numbers[at + 5] as number, lon);
    numbers[at + 6] = isFirst ? lat : Math.max(numbers[at + 6] as number, lat);
  }

  private get(key: string, precision: AddressPrecision): FoundPlace | null {
    return this.at(this.keys.indexOf(key), precision);
  }

  /** @param index number of a key, or -1 */
  private at(index: number, precision: AddressPrecision): FoundPlace | null {
    if (index < 0) return null;
    const { numbers } = this;
    const at = index * WORDS;
    const [width, height] = [
      (numbers[at + 5] as number) - (numbers[at + 3] as number),
      (numbers[at + 6] as number) - (numbers[at + 4] as number),
    ];
    // Two roads of one name, two estates of one name: nobody can tell which is meant.
    if (Math.hypot(width * 102_400, height * 110_750) > EXTENT[precision]) return null;
    const count = numbers[at] as number;
    const building = this.buildingCodes[(this.buildings[index] as number) - 1] ?? null;
    return { lon: (numbers[at + 1] as number) / count, lat: (numbers[at + 2] as number) / count, building };
  }
}

type FoundPlace = Pick<AddressMatch, 'lon' | 'lat' | 'building'>;
export type Place = Pick<ParsedAddress, 'parts' | 'communityCode' | 'confidence'>;

interface Rung {
  keys: string[];
  precision: AddressPrecision;
  /** What part of the worth is left: the floor or the sub-number was given up. */
  share: number;
}

/** Keys of what a room is in, from the most precise to the least. */
function ladder(parts: AddressParts, community: string | null): Rung[] {
  const rungs: Rung[] = [];
  const plates = parts.plate === null ? [] : plateKeys(parts, community);
  const estates = parts.estate === null ? [] : [`e ${parts.estate}`];
  const bases = [...plates, ...estates];
  if (parts.building !== null && bases.length > 0) {
    rungs.push({ keys: bases.map((base) => `${base} b ${parts.building}`), precision: 'building', share: 1 });
  }
  if (plates.length > 0) rungs.push({ keys: plates, precision: 'plate', share: 1 });
  // 12号之一 beside 12号.
  const whole = parts.plate?.replace(/[之-].*$/u, '');
  if (whole !== undefined && whole !== parts.plate) {
    rungs.push({ keys: plateKeys({ ...parts, plate: whole }, community), precision: 'plate', share: 0.9 });
  }
  if (estates.length > 0) rungs.push({ keys: estates, precision: 'plate', share: 0.8 });
  if (parts.road !== null) rungs.push({ keys: roadKeys(parts, community), precision: 'road', share: 1 });
  return rungs;
}

/** Keys of a room up to its number; none when the address has no room, or nothing that the room is in. */
export function roomsOf(parts: AddressParts, community: string | null): string[] {
  if (parts.room === null) return [];
  const plates = parts.plate === null ? [] : plateKeys(parts, community);
  if (parts.building === null) return plates.map((base) => `${base} r `);
  const bases = parts.estate === null ? plates : [...plates, `e ${parts.estate}`];
  return bases.map((base) => `${base} b ${parts.building} r ${parts.unit ?? ''} `);
}

function plateKeys(parts: AddressParts, community: string | null): string[] {
  return roadKeys(parts, community).map((road) => plateKey(road, parts.plate));
}

function plateKey(road: string, plate: string | null): string {
  return `${road} p ${plate}`;
}

/** With the community first, where it is known: every village has its own 基围. */
function roadKeys(parts: AddressParts, community: string | null): string[] {
  const name = parts.road === null ? '' : laneName(parts.road);
  const road = `${name} ${parts.lane ?? ''}`;
  if (parts.road === null) return community === null ? [] : [`${community} ${road}`];
  return community === null ? [`d ${road}`] : [`${community} ${road}`, `d ${road}`];
}

/** 东坊三巷 is 东坊3巷. */
function laneName(road: string): string {
  return road.endsWith('巷') ? road.replace(/[一二三四五六七八九十]+(?=巷$)/u, numberText) : road;
}

function round(confidence: number): number {
  return Math.round(confidence * 100) / 100;
}
