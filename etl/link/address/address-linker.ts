import type { Layer } from '../../../layers/define.ts';
import type { Value } from '../../checks/field-reader.ts';
import type { AddressMatch } from './address-index.ts';
import type { Addresses } from './load-addresses.ts';

/** Why an address leads to no building: not there, not known, found only to the road or community, on several buildings. */
export const ADDRESS_MISSES = ['empty', 'unknown', 'rough', 'several'] as const;
export type AddressMiss = (typeof ADDRESS_MISSES)[number];

/** Finds the building of each row by its address, for the fields of a layer that are `derived`. */
export class AddressLinker {
  /** Indexes among the fields; -1 for one that the layer does not have. */
  readonly addressIndex: number;
  readonly buildingIndex: number;
  readonly precisionIndex: number;
  /** What was found for the row at hand. */
  building: string | null = null;
  precision: string | null = null;
  /** Rows that were led to a building, and those that were not. */
  matched = 0;
  readonly missed: Record<AddressMiss, number> = { empty: 0, unknown: 0, rough: 0, several: 0 };
  private readonly addresses: Addresses;

  private constructor(layer: Layer, addresses: Addresses) {
    const fields = Object.entries(layer.fields);
    this.addressIndex = fields.findIndex(([name]) => name === layer.address);
    this.buildingIndex = fields.findIndex(([, { derived }]) => derived === 'building');
    this.precisionIndex = fields.findIndex(([, { derived }]) => derived === 'precision');
    this.addresses = addresses;
  }

  /** Null for a layer without derived fields: then nobody need know any address. */
  static async of(layer: Layer, addresses: () => Promise<Addresses>): Promise<AddressLinker | null> {
    if (!Object.values(layer.fields).some(({ derived }) => derived !== undefined)) return null;
    return new AddressLinker(layer, await addresses());
  }

  /** Follows the address of a row that has passed its checks, and counts it. */
  follow(text: string | null): void {
    if (text === null) this.note(null, 'empty');
    else this.note(this.addresses.find(text));
  }

  /** The same for an address that stands in bytes; none where they are of no length. */
  followIn(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) this.note(null, 'empty');
    else this.note(this.addresses.findIn(bytes, start, end));
  }

  /** The same for a row as it will be stored. */
  fill(values: Value[]): void {
    const address = values[this.addressIndex];
    this.follow(typeof address === 'string' ? address : null);
    if (this.buildingIndex >= 0) values[this.buildingIndex] = this.building;
    if (this.precisionIndex >= 0) values[this.precisionIndex] = this.precision;
  }

  /** What was found for a field of the row at hand. */
  valueOf(index: number): string | null {
    return index === this.buildingIndex ? this.building : index === this.precisionIndex ? this.precision : null;
  }

  private note(match: AddressMatch | null, miss: AddressMiss | null = missOf(match)): void {
    this.building = match?.building ?? null;
    this.precision = match?.precision ?? null;
    if (miss === null) this.matched += 1;
    else this.missed[miss] += 1;
  }
}

function missOf(match: AddressMatch | null): AddressMiss | null {
  if (match === null) return 'unknown';
  if (match.precision === 'road' || match.precision === 'community') return 'rough';
  return match.building === null ? 'several' : null;
}
