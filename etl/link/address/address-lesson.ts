import { setImmediate } from 'node:timers/promises';
import type { Layer } from '../../../layers/define.ts';
import type { CheckedRow } from '../../steps/check.ts';
import type { AddressIndex } from './address-index.ts';
import { type AddressReader, ROOM_BYTES, stemIn } from './address-reader.ts';

/** Rows taught before others have a turn: some milliseconds. */
const TURN = 4096;

/** The layer whose keys are codes of buildings. */
export const BUILDINGS = 'building_footprint';

/**
 * What the rows of a load teach of addresses: text, place and building of each, noted as they pass. Whoever is placed by
 * them later in the same run need not read them back from the database. Kept as bytes, some 120 a row.
 */
export class AddressLesson {
  /** Indexes of the address, and of the code of the building it is in, among the fields of the layer; -1 for none. */
  readonly addressIndex: number;
  readonly buildingIndex: number;
  size = 0;
  /** Address and building of one row after the other. */
  private bytes = new Uint8Array(1 << 16);
  private used = 0;
  /** Where the address ends, and where the building. */
  private ends = new Uint32Array(1 << 10);
  /** Longitude and latitude. */
  private places = new Float64Array(1 << 10);

  constructor(layer: Layer) {
    const names = Object.keys(layer.fields);
    this.addressIndex = names.indexOf(layer.address ?? '');
    this.buildingIndex = names.indexOf(buildingField(layer) ?? '');
  }

  /** Notes a row whose address stands in bytes, and the code of its building; of no length where there is none. */
  addIn(
    from: Uint8Array,
    [start, end]: readonly [number, number],
    [buildingStart, buildingEnd]: readonly [number, number],
    lon: number,
    lat: number,
  ): void {
    if (start === end) return;
    this.makeRoom(end - start + buildingEnd - buildingStart);
    this.bytes.set(from.subarray(start, end), this.used);
    this.used += end - start;
    this.ends[this.size * 2] = this.used;
    this.bytes.set(from.subarray(buildingStart, buildingEnd), this.used);
    this.used += buildingEnd - buildingStart;
    this.ends[this.size * 2 + 1] = this.used;
    this.places[this.size * 2] = lon;
    this.places[this.size * 2 + 1] = lat;
    this.size += 1;
  }

  /** The same for a row as it is stored; one without address or place teaches nothing. */
  add({ values, position }: Pick<CheckedRow, 'values' | 'position'>): void {
    const address = values[this.addressIndex];
    const building = values[this.buildingIndex];
    if (position === null || typeof address !== 'string') return;
    const text = Buffer.from(address);
    const both = Buffer.concat([text, Buffer.from(typeof building === 'string' ? building : '')]);
    this.addIn(both, [0, text.length], [text.length, both.length], position.lon, position.lat);
  }

  /**
   * Adds all rows to an index, and lets others have their turn now and then. Of another room of the building of the row before
   * nothing is read but its number, as `AddressReader` does.
   */
  async teach(index: AddressIndex, reader: AddressReader): Promise<void> {
    const bytes = Buffer.from(this.bytes.buffer, 0, this.used);
    const { ends, places } = this;
    let [start, confidence] = [0, 0];
    /** First byte of the row whose building is remembered, and how many bytes name it; 0 for none. */
    let [known, stem] = [0, 0];
    let [building, buildingAt, buildingBytes]: [string | null, number, number] = [null, 0, 0];
    for (let i = 0; i < this.size; i += 1) {
      const [end, buildingEnd] = [ends[i * 2] as number, ends[i * 2 + 1] as number];
      const [lon, lat] = [places[i * 2] as number, places[i * 2 + 1] as number];
      if (buildingEnd - end !== buildingBytes || !isSame(bytes, buildingAt, end, buildingBytes)) {
        building = end === buildingEnd ? null : bytes.toString('utf8', end, buildingEnd);
        [buildingAt, buildingBytes] = [end, buildingEnd - end];
      }
      const room = stemIn(bytes, start, end);
      if (stem > 0 && room - start === stem && isSame(bytes, known, start, stem)) {
        index.addRoomIn(bytes, [room, end - ROOM_BYTES], confidence, lon, lat, building);
      } else {
        const place = reader.read(bytes.toString('utf8', start, end));
        if (reader.isNextRoom) index.addRoom(place, lon, lat, building);
        else index.add(place, lon, lat, building);
        [known, stem, confidence] = [start, reader.isRoom && room > 0 ? room - start : 0, place.confidence];
      }
      start = buildingEnd;
      if (i % TURN === TURN - 1) await setImmediate();
    }
  }

  private makeRoom(bytes: number): void {
    if (this.used + bytes > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.used + bytes));
      larger.set(this.bytes.subarray(0, this.used));
      this.bytes = larger;
    }
    if (this.size * 2 + 2 <= this.ends.length) return;
    const [ends, places] = [new Uint32Array(this.ends.length * 2), new Float64Array(this.ends.length * 2)];
    ends.set(this.ends);
    places.set(this.places);
    this.ends = ends;
    this.places = places;
  }
}

/** Whether as many bytes are the same in two places. */
function isSame(bytes: Uint8Array, a: number, b: number, count: number): boolean {
  // From the end: buildings of one street begin alike.
  for (let i = count - 1; i >= 0; i -= 1) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

/** The field in which the department itself states the building of a row. */
export function buildingField(layer: Layer): string | null {
  const { field } = (layer.checks.references ?? []).find(({ layer: target }) => target === BUILDINGS) ?? {};
  return field ?? null;
}
