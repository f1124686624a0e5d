import type { FieldType } from '../../layers/define.ts';
import { parseDay, parseInstant } from '../checks/field-reader.ts';
import { KeySet } from '../link/key-set.ts';

/** Most distinct values that are kept with their counts. */
const MOST_VALUES = 64;
/** Values kept as they are, to see what they look like. */
const MOST_SAMPLES = 200;
const INT4 = 2_147_483_647;
const BOOLEANS = new Set(['true', 'false', 'yes', 'no', '是', '否']);
/** Values looked at closely for dates, which are slow to tell. */
const MOST_DATES = 2000;

/** What all values of one column have in common. */
export class ColumnProfile {
  readonly name: string;
  filled = 0;
  /** Distinct values with their counts, while there are few. */
  values: Map<string, number> | null = new Map();
  /** Smallest and largest number. */
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;
  isUnique = true;
  /** Some of the values, as text. */
  readonly samples: string[] = [];

  private readonly seen = new KeySet();
  private sample: number[] = [];
  private canBeNumber = true;
  private canBeInt = true;
  private canBeBool = true;
  private canBeDay = true;
  private canBeInstant = true;
  private datesSeen = 0;

  constructor(name: string) {
    this.name = name;
  }

  add(raw: unknown): void {
    if (raw === null || raw === undefined) return;
    const text = typeof raw === 'string' ? raw.trim() : typeof raw === 'object' ? JSON.stringify(raw) : String(raw);
    if (text === '') return;
    this.filled += 1;
    if (this.samples.length < MOST_SAMPLES) this.samples.push(text);
    if (this.isUnique && this.seen.add(text) < 0) this.isUnique = false;
    if (this.values) {
      this.values.set(text, (this.values.get(text) ?? 0) + 1);
      if (this.values.size > MOST_VALUES) this.values = null;
    }
    if (this.canBeNumber) this.addNumber(raw, text);
    if (this.canBeBool) this.canBeBool = typeof raw === 'boolean' || BOOLEANS.has(text.toLowerCase());
    if ((this.canBeDay || this.canBeInstant) && this.datesSeen < MOST_DATES) {
      this.datesSeen += 1;
      const isText = typeof raw === 'string';
      this.canBeDay &&= isText && /\D/.test(text) && parseDay(text) !== null;
      this.canBeInstant &&= isText && /\d[ T]\d/.test(text) && parseInstant(text) !== null;
    }
  }

  private addNumber(raw: unknown, text: string): void {
    // A leading zero or plus is part of a code, and so are more digits than a double can hold.
    const isNumber =
      typeof raw === 'number' ||
      (typeof raw === 'string' &&
        /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) &&
        text.replace(/\D/g, '').length <= 17);
    if (!isNumber) {
      this.canBeNumber = false;
      return;
    }
    const value = Number(raw);
    if (!Number.isInteger(value) || Math.abs(value) > INT4) this.canBeInt = false;
    this.low = Math.min(this.low, value);
    this.high = Math.max(this.high, value);
    if (this.sample.length < 5000) this.sample.push(value);
  }

  get type(): FieldType {
    if (this.filled === 0) return 'string';
    if (this.canBeBool) return 'bool';
    if (this.canBeNumber) return this.canBeInt ? 'int' : 'number';
    // Dates are told from a sample: a later value that is none would be a rejected row, so a text is safer there.
    if (this.datesSeen === this.filled || this.isDateAfterAll()) {
      if (this.canBeDay) return 'date';
      if (this.canBeInstant) return 'datetime';
    }
    return 'string';
  }

  private isDateAfterAll(): boolean {
    return (
      this.values !== null &&
      [...this.values.keys()].every((text) => (this.canBeDay ? parseDay(text) : parseInstant(text)) !== null)
    );
  }

  /** Four values that part a sample of the numbers into five classes of like size; fewer when values repeat. */
  quantiles(): number[] {
    const sorted = this.sample.toSorted((a, b) => a - b);
    const cuts = [0.2, 0.4, 0.6, 0.8].map((share) => sorted[Math.floor(share * sorted.length)] as number);
    return [...new Set(cuts)].filter((cut) => cut > (sorted[0] as number));
  }
}
