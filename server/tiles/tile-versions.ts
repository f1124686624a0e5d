import type { MercatorBox } from '../queries/changed-places.ts';
import { tileAt, tileSize, type Tile } from './tile.ts';

/** The deepest zoom whose tiles are told apart; deeper ones share what is known of the tile above them. */
const NOTED_ZOOM = 16;
/** Noted tiles of one zoom in one change; a change in more places counts as one everywhere. */
const MOST_NOTED = 20_000;
/** Units drawn beyond a tile's edge, with some to spare, as a share of the tile. */
const MARGIN = 1 / 32;
/** Changes kept per layer; older ones count as everywhere. */
const MOST_CHANGES = 50;

interface Change {
  load: number;
  /** Keys of the noted tiles, by zoom from 0 to `NOTED_ZOOM`; null: everywhere. */
  noted: ReadonlySet<number>[] | null;
}

/**
 * In which load each tile of a layer last changed, so that an edit of one feature gives new tags to the tiles it
 * touches and to no others. What is not known (before this process began, changes in too many places) counts as changed.
 */
export class TileVersions {
  /** Oldest first, by layer. */
  private readonly changes = new Map<string, Change[]>();

  /** Notes where the load differs from the one before it. `places` null: everywhere. */
  note(layerId: string, before: number, load: number, places: readonly MercatorBox[] | null): void {
    const list = this.changes.get(layerId) ?? [];
    const last = list.at(-1);
    // The chain has a gap: nothing is known of what happened between.
    const isChained = last === undefined || last.load === before;
    const known = isChained ? list : [];
    if (known.length === 0) known.push({ load: before, noted: null });
    known.push({ load, noted: places === null ? null : notedTiles(places) });
    this.changes.set(layerId, known.slice(-MOST_CHANGES));
  }

  /** The load in which the tile last changed, seen from the load `live`. */
  loadOf(layerId: string, live: number, tile: Tile): number {
    const list = this.changes.get(layerId);
    let at = list?.findLastIndex(({ load }) => load === live) ?? -1;
    if (list === undefined || at < 0) return live;
    while (at > 0 && !touches(list[at]?.noted ?? null, tile)) at -= 1;
    return list[at]?.load ?? live;
  }
}

/** At each zoom the tiles in which boxes lie or near whose edge they lie. Null when there are too many. */
function notedTiles(places: readonly MercatorBox[]): ReadonlySet<number>[] | null {
  const levels: Set<number>[] = [];
  for (let z = 0; z <= NOTED_ZOOM; z += 1) {
    const noted = new Set<number>();
    const margin = tileSize(z) * MARGIN;
    for (const [west, south, east, north] of places) {
      const first = tileAt(z, west - margin, north + margin);
      const last = tileAt(z, east + margin, south - margin);
      if (noted.size + (last.x - first.x + 1) * (last.y - first.y + 1) > MOST_NOTED) return null;
      for (let { x } = first; x <= last.x; x += 1) {
        for (let { y } = first; y <= last.y; y += 1) noted.add(keyOf(z, x, y));
      }
    }
    levels.push(noted);
  }
  return levels;
}

function keyOf(z: number, x: number, y: number): number {
  return x * 2 ** z + y;
}

function touches(noted: ReadonlySet<number>[] | null, { z, x, y }: Tile): boolean {
  if (noted === null) return true;
  const level = Math.min(z, NOTED_ZOOM);
  const shift = z - level;
  return noted[level]?.has(keyOf(level, Math.floor(x / 2 ** shift), Math.floor(y / 2 ** shift))) === true;
}
