type Place = readonly number[];

export const METRES_A_DEGREE = 111_320;

/** A way that is driven there and back. */
export class Way {
  readonly #places: readonly Place[];
  /** Metres from the beginning to each place. */
  readonly #metres: number[] = [0];

  constructor(places: readonly Place[]) {
    this.#places = places;
    for (let i = 1; i < places.length; i += 1) {
      this.#metres.push((this.#metres[i - 1] as number) + distance(places[i - 1] as Place, places[i] as Place));
    }
  }

  get length(): number {
    return this.#metres.at(-1) as number;
  }

  /** Where somebody is who has gone so many metres, turning at both ends: degrees, and degrees clockwise from north. */
  placeAt(metres: number): { lon: number; lat: number; bearing: number } {
    const there = this.length;
    const gone = ((metres % (2 * there)) + 2 * there) % (2 * there);
    const isBack = gone > there;
    const at = isBack ? 2 * there - gone : gone;
    const next = Math.min(
      this.#places.length - 1,
      Math.max(
        1,
        this.#metres.findIndex((each) => each >= at),
      ),
    );
    const [a, b] = [this.#places[next - 1] as Place, this.#places[next] as Place];
    const [from, to] = [this.#metres[next - 1] as number, this.#metres[next] as number];
    const share = to === from ? 0 : (at - from) / (to - from);
    const [lon, lat] = [0, 1].map((k) => (a[k] as number) + ((b[k] as number) - (a[k] as number)) * share);
    const east = ((b[0] as number) - (a[0] as number)) * Math.cos(((a[1] as number) * Math.PI) / 180);
    const bearing = (Math.atan2(east, (b[1] as number) - (a[1] as number)) * 180) / Math.PI + (isBack ? 180 : 0);
    return { lon: lon as number, lat: lat as number, bearing: (bearing + 360) % 360 };
  }
}

function distance(a: Place, b: Place): number {
  const east = ((b[0] as number) - (a[0] as number)) * Math.cos(((a[1] as number) * Math.PI) / 180);
  return Math.hypot(east, (b[1] as number) - (a[1] as number)) * METRES_A_DEGREE;
}
