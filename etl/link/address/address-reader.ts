import type { Gazetteer } from './gazetteer.ts';
import type { Place } from './address-index.ts';
import { readAddress } from './parse-address.ts';

/** What stands before and behind a room that is known by its number alone: 同济路12号 502房. */
const BEFORE_ROOM = '号座栋幢梯';
const BEHIND_ROOM = '房室';
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
  private readonly known: Map<string, Place>;
  /** The building of the last address, where it is a room of one that is remembered, and what was read of it. */
  private stem: string | null = null;
  private place: Place | null = null;

  /** @param known the buildings of another reader of the same gazetteer, which both then add to */
  constructor(gazetteer: Gazetteer, known = new Map<string, Place>()) {
    this.gazetteer = gazetteer;
    this.known = known;
  }

  /** The parts of an address, those of `readAddress`; valid until the next call. */
  read(text: string): Place {
    const end = stemOf(text);
    const room = text.slice(end, -1);
    // Most rows are of the building of the row before.
    if (end > 0 && end === this.stem?.length && text.startsWith(this.stem)) {
      this.isNextRoom = true;
      const { parts } = this.place as Place;
      parts.room = room;
      parts.floor = room.slice(0, -2);
      return this.place as Place;
    }
    const stem = end > 0 ? text.slice(0, end) : undefined;
    const known = stem === undefined ? undefined : this.known.get(stem);
    this.isRoom = known !== undefined;
    this.isNextRoom = false;
    this.stem = this.isRoom ? (stem as string) : null;
    if (known) {
      this.place = known;
      known.parts.room = room;
      known.parts.floor = room.slice(0, -2);
      return known;
    }
    const parsed = readAddress(text, this.gazetteer);
    if (stem !== undefined && parsed.rest === '' && parsed.parts.room === room && !NAMES_FLOOR.test(stem)) {
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.set(stem, parsed);
      this.stem = stem;
      this.place = parsed;
      this.isRoom = true;
    }
    return parsed;
  }
}

/** How many characters stand before the number of a room that is known by its number alone; 0 for any other address. */
function stemOf(text: string): number {
  if (!BEHIND_ROOM.includes(text.at(-1) ?? ' ')) return 0;
  let at = text.length - 1;
  while (at > 0 && isDigit(text.charCodeAt(at - 1))) at -= 1;
  const digits = text.length - 1 - at;
  return (digits === 3 || digits === 4) && at > 0 && BEFORE_ROOM.includes(text[at - 1] as string) ? at : 0;
}

/** Bytes of the character behind the number of a room. */
export const ROOM_BYTES = 3;
const BEHIND_ROOM_BYTES = utf8Of(BEHIND_ROOM);
const BEFORE_ROOM_BYTES = utf8Of(BEFORE_ROOM);

/** Where the number of the room begins in an address in UTF-8, of one for which `stemOf` knows it; 0 for any other. */
export function stemIn(bytes: Uint8Array, start: number, end: number): number {
  const behind = end - ROOM_BYTES;
  if (behind <= start || !BEHIND_ROOM_BYTES.includes(characterAt(bytes, behind))) return 0;
  let at = behind;
  while (at > start && isDigit(bytes[at - 1] as number)) at -= 1;
  const digits = behind - at;
  if ((digits !== 3 && digits !== 4) || at - start < 3) return 0;
  return BEFORE_ROOM_BYTES.includes(characterAt(bytes, at - 3)) ? at : 0;
}

/** Three bytes as one number. */
function characterAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}

/** The characters of a text, each of three bytes, as `characterAt` reads them. */
function utf8Of(text: string): number[] {
  return [...text].map((character) => characterAt(Buffer.from(character), 0));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
