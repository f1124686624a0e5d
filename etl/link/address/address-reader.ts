import type { Gazetteer } from './gazetteer.ts';
import type { Place } from './address-index.ts';
import { parseAddress } from './parse-address.ts';

/** A room by its number alone, behind what it is in: 同济路12号 502房. */
const ROOM_BEHIND = /^(.*[号座栋幢梯])(\d{3,4})[房室]$/u;
/** Words of floors: where one is named, the room's number does not say on which floor it is. */
const NAMES_FLOOR = /[层層楼樓FfＦｆ首负夹下]/u;

/** Buildings remembered at most. */
const REMEMBERED = 20_000;

/**
 * Reads addresses one after the other. Registers name the same buildings again and again: what is the same up to the number
 * of the room is read once, because nothing before the number depends on which one it is.
 */
export class AddressReader {
  /** The last address is another room of the building of the one before. */
  isNextRoom = false;
  /** The last address is a room of a building that is remembered: its parts are the same object each time. */
  isRoom = false;
  private readonly gazetteer: Gazetteer;
  private readonly known = new Map<string, Place>();
  private stem: string | null = null;

  constructor(gazetteer: Gazetteer) {
    this.gazetteer = gazetteer;
  }

  /** The parts of an address, those of `parseAddress`; valid until the next call. */
  read(text: string): Place {
    const [, stem, room] = (ROOM_BEHIND.exec(text) ?? []) as [string?, string?, string?];
    const known = stem === undefined ? undefined : this.known.get(stem);
    this.isRoom = known !== undefined;
    this.isNextRoom = this.isRoom && stem === this.stem;
    this.stem = this.isRoom ? (stem as string) : null;
    if (known && room !== undefined) {
      known.parts.room = room;
      known.parts.floor = room.slice(0, -2);
      return known;
    }
    const parsed = parseAddress(text, this.gazetteer);
    if (stem !== undefined && parsed.rest === '' && parsed.parts.room === room && !NAMES_FLOOR.test(stem)) {
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.set(stem, parsed);
      this.stem = stem;
      this.isRoom = true;
    }
    return parsed;
  }
}
