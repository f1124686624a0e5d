import { resolve } from 'node:path';
import { findLayer, layers } from '../layers/index.ts';
import type { Layer } from '../layers/define.ts';
import type { Database } from '../server/db/connect.ts';
import { type GridMesh, loadMesh } from '../server/db/mesh.ts';
import { readEnv } from './env.ts';
import { Gdal } from './formats/gdal.ts';
import { TextAhead } from './formats/text-ahead.ts';
import type { KeySet } from './link/key-set.ts';
import type { AddressLesson } from './link/address/address-lesson.ts';
import { ADDRESS_SOURCES, type Addresses, readAddresses, teachersOf } from './link/address/load-addresses.ts';
import type { ShapeDistances } from './crs/shape-distances.ts';
import { isLive, readKeys, readPlaces, readShapes } from './link/live-links.ts';
import type { PlaceIndex } from './link/place-index.ts';

/** A thread is started for a file larger than this, and used for smaller ones too once it is there. */
const START_FROM = 8 << 20;

/**
 * What the loads of one run share: the GDAL process, the thread that reads text, the governance grid, the keys and places of layers that others
 * refer to, kept from their own load where it ran in the same process, and the shapes that deliveries are compared with.
 */
export class LoadSession {
  readonly db: Database;
  /** Folder of the published rasters. */
  readonly rasterDir: string;
  private gdalStarted: Promise<Gdal> | null = null;
  private gdalUses = 0;
  private reader: TextAhead | null = null;
  private mesh: GridMesh | null = null;
  /** Addresses as the layers of `taught` teach them. */
  private known: Addresses | null = null;
  /** The lesson it learned last, which may be of a load that is not published yet. */
  private learned: AddressLesson | null = null;
  /** Layers of this run that are still to be loaded; null where nobody has said. */
  private upcoming: readonly Layer[] | null = null;
  private readonly keys = new Map<string, KeySet>();
  private readonly places = new Map<string, PlaceIndex>();
  private readonly lessons = new Map<string, AddressLesson>();
  private readonly shapes = new Map<string, ShapeDistances>();
  /** Loads that the grid, the keys and the places above are of; null where the layer is not live. */
  private readonly versions = new Map<string, number | null>();

  /** @param dataDir the folder that the service has as DATA_DIR; its own setting when left out */
  constructor(db: Database, dataDir: string = readEnv().dataDir) {
    this.db = db;
    this.rasterDir = resolve(dataDir, 'raster');
  }

  /** GDAL, started when it is first needed. */
  async gdal(): Promise<Gdal> {
    // WebAssembly memory never shrinks: a new process now and then gives it back.
    if (this.gdalStarted && (this.gdalUses >= 40 || !(await this.gdalStarted).isAlive)) await this.closeGdal();
    this.gdalUses += 1;
    this.gdalStarted ??= Gdal.start();
    return this.gdalStarted;
  }

  /** The thread that reads text files ahead, started when a large one is first read. @param bytes that are to be read */
  textAhead(bytes: number): TextAhead | null {
    if (this.reader?.isAlive !== true) this.reader = bytes > START_FROM ? TextAhead.take() : TextAhead.takeKept();
    return this.reader;
  }

  /**
   * The load a layer had when this session looked first: the grid, keys and places that it uses are of that one, or of a
   * later one.
   */
  async versionOf(id: string): Promise<number | null> {
    const known = this.versions.get(id);
    if (known !== undefined) return known;
    const [state] = await this.db.sql<{ load: number }[]>`
      select load_id as load from app.layer_state where layer_id = ${id}`;
    this.versions.set(id, state?.load ?? null);
    return state?.load ?? null;
  }

  /** The governance grid, or null while it has never been loaded. */
  async gridMesh(): Promise<GridMesh | null> {
    // Before it is read, see `versionOf`.
    if (this.mesh === null) await this.versionOf('governance_grid');
    this.mesh ??= await loadMesh(this.db.sql);
    return this.mesh.codes.length > 0 ? this.mesh : null;
  }

  /** Keys of a layer, by its definition or the id of one of the catalogue; null while it is not live. */
  async keysOf(of: Layer | string): Promise<KeySet | null> {
    const layer = typeof of === 'string' ? findLayer(of) : of;
    const id = typeof of === 'string' ? of : of.id;
    const known = this.keys.get(id) ?? this.places.get(id)?.keys;
    if (known) return known;
    if (!layer || !(await isLive(this.db, id))) return null;
    await this.versionOf(id);
    const keys = await readKeys(this.db, layer);
    this.keys.set(id, keys);
    return keys;
  }

  /** Places of a layer, or null while it is not live. */
  async placesOf(id: string): Promise<PlaceIndex | null> {
    const known = this.places.get(id);
    if (known) return known;
    const layer = findLayer(id);
    if (!layer || !(await isLive(this.db, id))) return null;
    await this.versionOf(id);
    const places = await readPlaces(this.db, layer, await this.gridMesh());
    this.places.set(id, places);
    return places;
  }

  /** Shapes of a layer, or null while it is not live. */
  async shapesOf(id: string): Promise<ShapeDistances | null> {
    const known = this.shapes.get(id);
    if (known) return known;
    const layer = findLayer(id);
    if (!layer || !(await isLive(this.db, id))) return null;
    const shapes = await readShapes(this.db, layer);
    this.shapes.set(id, shapes);
    return shapes;
  }

  /** Where addresses lie, by the live layers that teach this one. */
  async addresses(layer: Layer, expected = 0): Promise<Addresses> {
    const teaching = teachersOf(layer);
    // Whoever has learned too much cannot forget.
    if (this.known?.taught.every((id) => teaching.includes(id)) !== true) this.known = null;
    this.known = await readAddresses(this.db, teaching, this.lessons, this.known, expected);
    return this.known;
  }

  /** Says which layers are loaded from now on. What none of them needs is forgotten: it would be read again. */
  expect(layers: readonly Layer[]): void {
    this.upcoming = layers;
    const needed = new Set(
      layers.flatMap((layer) => [
        layer.place?.layer,
        ...(layer.checks.references ?? []).map((reference) => reference.layer),
        ...(layer.series === undefined ? [] : [layer.id]),
      ]),
    );
    for (const kept of [this.keys, this.places]) for (const id of kept.keys()) if (!needed.has(id)) kept.delete(id);
    if (layers.some(({ address }) => address !== undefined)) return;
    this.lessons.clear();
    this.known = null;
  }

  /**
   * Learns the addresses of a load that is about to be published, for the layers to come: the database makes its indexes
   * meanwhile, and this process has nothing else to do. `forgetAddresses` when it is not published after all.
   */
  async learn(layer: Layer, lesson: AddressLesson): Promise<void> {
    if (this.upcoming?.some((other) => other.id !== layer.id && isLedByAddress(other)) !== true) return;
    const known = await this.addresses(layer, lesson.size);
    await known.learn(layer.id, (index, reader) => lesson.teach(index, reader));
    this.learned = lesson;
  }

  forgetAddresses(): void {
    this.known = null;
  }

  /** Remembers what a load that was just published knows of its rows, and forgets what it has replaced. */
  published(
    layer: Layer,
    load: number,
    keys: KeySet,
    places: PlaceIndex | null,
    lesson: AddressLesson | null = null,
  ): void {
    this.versions.set(layer.id, load);
    if (layer.id === 'governance_grid') {
      this.mesh = null;
      // Cells of remembered places are numbers in the old grid.
      this.places.clear();
    }
    const isLearned = lesson !== null && this.learned === lesson && this.known !== null;
    this.learned = null;
    const isName = layer.id.endsWith('_boundary') || layer.id === 'road_centerline';
    if (isName || (ADDRESS_SOURCES.includes(layer.id) && !isLearned)) this.known = null;
    this.lessons.delete(layer.id);
    if (lesson && !isLearned) this.lessons.set(layer.id, lesson);
    this.keys.delete(layer.id);
    this.places.delete(layer.id);
    this.shapes.delete(layer.id);
    if (places) this.places.set(layer.id, places);
    else if (isReferenced(layer.id)) this.keys.set(layer.id, keys);
  }

  async close(): Promise<void> {
    await this.closeGdal();
    this.reader?.giveBack();
    this.reader = null;
  }

  private async closeGdal(): Promise<void> {
    const started = this.gdalStarted;
    this.gdalStarted = null;
    this.gdalUses = 0;
    if (started) await (await started).close();
  }
}

/** True when rows of some layer are placed by this one. */
export function isPlaceOfOthers(id: string): boolean {
  return layers.some((layer) => layer.place?.layer === id);
}

/** True when a load of the layer follows its addresses to buildings. */
function isLedByAddress(layer: Layer): boolean {
  return Object.values(layer.fields).some(({ derived }) => derived !== undefined);
}

function isReferenced(id: string): boolean {
  return layers.some(
    (layer) =>
      (layer.id === id && layer.series !== undefined) ||
      layer.checks.references?.some((reference) => reference.layer === id),
  );
}
