import type { Gazetteer } from './gazetteer.ts';
import { type ParsedAddress, parseAddress } from './parse-address.ts';

/** A room by its number alone, behind what it is in: 同济路12号 502房. */
const ROOM_BEHIND = /^(.*[号座栋幢梯])(\d{3,4})[房室]$/u;
/** Words of floors: where one is named, the room's number does not say on which floor it is. */
const NAMES_FLOOR = /[层層楼樓FfＦｆ首负夹下]/u;

type Place = Pick<ParsedAddress, 'parts' | 'communityCode' | 'confidence'>;

/**
 * Reads addresses one after the other. Registers list the rooms of a building together: what is the same up to the number
 * of the room is read once, because nothing before the number depends on which one it is.
 */
export class AddressReader {
  /** The last address is another room of the building of the one before. */
  isNextRoom = false;
  private readonly gazetteer: Gazetteer;
  private stem: string | null = null;
  private last: Place | null = null;

  constructor(gazetteer: Gazetteer) {
    this.gazetteer = gazetteer;
  }

  /** The parts of an address, those of `parseAddress`; valid until the next call. */
  read(text: string): Place {
    const [, stem, room] = (ROOM_BEHIND.exec(text) ?? []) as [string?, string?, string?];
    this.isNextRoom = stem !== undefined && stem === this.stem;
    if (this.isNextRoom && this.last && room !== undefined) {
      this.last.parts.room = room;
      this.last.parts.floor = room.slice(0, -2);
      return this.last;
    }
    const parsed = parseAddress(text, this.gazetteer);
    const isPlain = stem !== undefined && parsed.rest === '' && parsed.parts.room === room && !NAMES_FLOOR.test(stem);
    this.stem = isPlain ? stem : null;
    this.last = parsed;
    return parsed;
  }
}
