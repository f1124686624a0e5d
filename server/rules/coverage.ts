import { shanghaiDay } from '../shanghai-time.ts';
import type { RuleInput } from './event.ts';

export interface Covered {
  source: string;
  /** First and last input, ms; null: there was none. */
  from: number | null;
  to: number | null;
  inputs: number;
}

/** What a back-test had to look at, by source and by day: where there was nothing, its silence says nothing. */
export class Coverage {
  readonly #bySource = new Map<string, Covered>();
  readonly #byDay = new Map<string, number>();

  /** @param expected sources that are known by name */
  constructor(expected: Iterable<string> | null) {
    for (const source of expected ?? []) this.#bySource.set(source, { source, from: null, to: null, inputs: 0 });
  }

  add(inputs: readonly RuleInput[]): void {
    for (const input of inputs) {
      const source = sourceOf(input);
      if (source === null) continue;
      const { at } = input;
      const day = shanghaiDay(at);
      this.#byDay.set(day, (this.#byDay.get(day) ?? 0) + 1);
      const known = this.#bySource.get(source);
      if (known === undefined) this.#bySource.set(source, { source, from: at, to: at, inputs: 1 });
      else {
        known.from = Math.min(known.from ?? at, at);
        known.to = Math.max(known.to ?? at, at);
        known.inputs += 1;
      }
    }
  }

  inputsOf(day: string): number {
    return this.#byDay.get(day) ?? 0;
  }

  /** Those without any input first, then by name. */
  sources(): Covered[] {
    return [...this.#bySource.values()].toSorted(
      (a, b) => Number(a.inputs > 0) - Number(b.inputs > 0) || (a.source < b.source ? -1 : 1),
    );
  }
}

function sourceOf(input: RuleInput): string | null {
  switch (input.kind) {
    case 'reading':
      return input.sensor;
    case 'position':
      return input.vehicle;
    case 'incident':
      return input.incident.source;
    default:
      return null;
  }
}
