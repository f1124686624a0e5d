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
import { type Addresses, readAddresses, teachersOf } from './link/address/load-addresses.ts';
import type { ShapeDistances } from './crs/shape-distances.ts';
import { isLive, readKeys, readPlaces, readShapes } from './link/live-links.ts';
import type { PlaceIndex } from './link/place-index.ts';

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
  /** Addresses as some layers teach them; those of one layer at a time, for they are large. */
  private known: { teachers: string; addresses: Addresses } | null = null;
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

  /** The thread that reads large text files ahead, started when one is first wanted. */
  textAhead(): TextAhead {
    if (this.reader?.isAlive !== true) this.reader = TextAhead.take();
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
  async addresses(layer: Layer): Promise<Addresses> {
    const teaching = teachersOf(layer);
    const teachers = teaching.join();
    if (this.known?.teachers !== teachers) {
      this.known = null;
      this.known = { teachers, addresses: await readAddresses(this.db, teaching, this.lessons) };
    }
    return this.known.addresses;
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
    if (layer.address !== undefined || layer.id.endsWith('_boundary') || layer.id === 'road_centerline')
      this.known = null;
    this.lessons.delete(layer.id);
    if (lesson) this.lessons.set(layer.id, lesson);
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

function isReferenced(id: string): boolean {
  return layers.some(
    (layer) =>
      (layer.id === id && layer.series !== undefined) ||
      layer.checks.references?.some((reference) => reference.layer === id),
  );
}
