import { setImmediate } from 'node:timers/promises';
import { addLoadColumnsSql, createTableSql, identifier, tableName } from '../layers/ddl.ts';
import { type Layer, sourceFields } from '../layers/define.ts';
import type { Loader } from '../server/db/copy.ts';
import type { GridMesh } from '../server/db/mesh.ts';
import { hasSecondHeader } from './checks/double-header.ts';
import { bilingual } from './checks/field-reader.ts';
import { type ActiveChecks, ALL_CHECKS, USER_CHECKS } from './checks/active-checks.ts';
import { instantOf } from './checks/latest.ts';
import { LoadError } from './errors.ts';
import { type OpenedFile, openFile } from './formats/open.ts';
import type { Batch } from './formats/source.ts';
import { readRecord } from './formats/text-table.ts';
import { AddressLinker } from './link/address/address-linker.ts';
import { AddressLesson, BUILDINGS } from './link/address/address-lesson.ts';
import { ADDRESS_SOURCES } from './link/address/load-addresses.ts';
import { innerPoint } from './link/inner-point.ts';
import { PlaceIndex, type Position } from './link/place-index.ts';
import type { KeySet } from './link/key-set.ts';
import { setH3 } from './link/set-h3.ts';
import { LoadRun, type LoadRunOptions } from './load-run.ts';
import { loadRaster } from './raster/load-raster.ts';
import type { LinkRate, LoadReport } from './report.ts';
import { isPlaced } from './steps/is-placed.ts';
import { isPlaceOfOthers, type LoadSession } from './session.ts';
import { type CheckContext, RowChecker } from './steps/check.ts';
import { type DetectedCrs, detectCrs } from './steps/detect.ts';
import { fetchFile } from './steps/fetch.ts';
import { findSameLoad, noteUnchanged, readInputs } from './steps/inputs.ts';
import { FastLane } from './steps/fast-lane.ts';
import { indexTable, repairPolygons, settle, swapTable } from './steps/publish.ts';
import { type Reject, RejectWriter } from './steps/rejects.ts';
import { placeByAddress, type PlacedByAddress } from './steps/place-by-address.ts';
import { assertNoLeap, lastLoad } from './steps/last-load.ts';
import { RepairWriter } from './steps/repairs.ts';
import { HIERARCHY, TableWriter } from './steps/table-writer.ts';

export interface LayerLoadOptions extends LoadRunOptions {
  /** A layer of a user: any place on earth, no hierarchy. */
  isUser?: boolean;
  /** Of a user's layer: its rows have grid, community and town where they lie in the district. */
  inHierarchy?: boolean;
  /** The key is the line of the row, not a column. */
  keyByLine?: boolean;
  /** What the person states on the command line; overrides the definition. */
  stated?: { crs?: string; encoding?: string; layer?: string };
  /** A number of rows far from that of the last load was confirmed. */
  acceptChange?: boolean;
  /** Checks that are made; all when left out. */
  checks?: ActiveChecks;
  csv?: { skipAfterHeader?: number; delimiter?: string };
  /** CRS that was found before the definition was made (imports). */
  crs?: DetectedCrs;
  /** Load even when the live version was made of the same. */
  force?: boolean;
}

/** Records read ahead to judge encoding, header and CRS by. */
const LOOK_AHEAD = 2000;
/** Rows there is room for, for each that is foreseen: rows are not all of the same length. */
const FORESEEN = 1.03;

/**
 * Loads one file into one layer. Never throws for what is wrong with the file: the report says `failed`, the row in
 * `app.load` too, and the live rows are as they were.
 */
export async function loadLayer(
  session: LoadSession,
  layer: Layer,
  path: string,
  options: LayerLoadOptions = {},
): Promise<LoadReport> {
  if (layer.geometry === 'raster') return loadRaster(session, layer, path, options);
  return new LayerLoad(session, layer, path, options).run();
}

class LayerLoad extends LoadRun<LayerLoadOptions> {
  private readonly checks: ActiveChecks;

  constructor(session: LoadSession, layer: Layer, path: string, options: LayerLoadOptions) {
    super(session, layer, path, options);
    this.checks = options.checks ?? (options.isUser === true ? USER_CHECKS : ALL_CHECKS);
  }

  protected override async load(loader: Loader, load: number): Promise<'published' | 'unchanged'> {
    const { layer, options, report, session } = this;
    this.enter('fetch');
    report.file = await fetchFile(this.path);
    if (await this.isUnchanged(report.file, load)) return 'unchanged';

    this.enter('detect');
    const opened = await openFile(this.path, {
      gdal: () => session.gdal(),
      ahead: (bytes) => session.textAhead(bytes),
      ...(options.isUser ? {} : { format: layer.source.format }),
      ...this.encodingOption(),
      ...(layer.source.format === 'geojson' ? { columns: sourceColumns(layer) } : {}),
      ...(options.stated?.layer === undefined ? {} : { layer: options.stated.layer }),
      ...(options.csv ? { csv: options.csv } : {}),
    });
    try {
      report.format = opened.source.format;
      report.encoding = { name: opened.source.encoding, ...opened.encoding };
      const { batches, ahead } = await readAhead(opened);
      if (!options.isUser && (opened.source.format === 'csv' || opened.source.format === 'xlsx')) {
        assertOneHeader(opened, ahead, layer);
      }
      const mesh = await this.mesh();
      const crs = options.crs ?? (await detectCrs(session, layer, opened.source, ahead, mesh, options.stated?.crs));
      report.crs = { name: crs.name, confidence: crs.confidence, reasons: crs.reasons, candidates: crs.candidates };
      const seen = ahead.reduce((rows, batch) => rows + batch.lines.length, 0);
      const expectedRows = this.foresee(seen, opened.source.progress());
      await this.fill(loader, load, opened, batches, await this.checkContext(crs, mesh, expectedRows));
    } finally {
      report.notes.push(...opened.source.notes);
      await opened.source.close();
    }
    await this.prune();
    return 'published';
  }

  /** Notes what this load depends on, and whether the live version was made of just that: then nothing is left to do. */
  private async isUnchanged(file: { path: string; sha256: string }, load: number): Promise<boolean> {
    const { layer, options, report, session } = this;
    const inputs = await readInputs(session, layer, options, file);
    await session.db.sql`update app.load set inputs = ${JSON.stringify(inputs)}::text::jsonb where load_id = ${load}`;
    const same = options.force === true ? null : await findSameLoad(session.db, layer, inputs);
    if (same === null) return false;
    await noteUnchanged(session.db, load, same);
    report.sameAs = same;
    report.notes.push(`load ${same}, which is live, was made of the same file, definition, grid and links`);
    const [row] = await session.db.sql<{ rows: LoadReport['rows']; bbox: LoadReport['bbox'] }[]>`
      select json_build_object('in', rows_in, 'accepted', rows_accepted, 'repaired', rows_repaired,
        'quarantined', rows_quarantined, 'unlocated', rows_unlocated) as rows, bbox from app.load where load_id = ${same}`;
    if (row) Object.assign(report, row);
    return true;
  }

  private async fill(
    loader: Loader,
    load: number,
    opened: OpenedFile,
    batches: AsyncIterable<Batch>,
    context: CheckContext,
  ): Promise<void> {
    const { layer, options, report, session } = this;
    const { source } = opened;
    this.noteMissingColumns(source.columns, source.format);
    this.enter('load');
    // Rows of a table that nobody else can know yet. The embedded database would keep everybody else waiting meanwhile.
    const isFrozen = session.db.engine === 'server';
    if (isFrozen) await loader.begin();
    await loader.exec(`drop table if exists ${tableName(layer, 'layers_next')}`);
    await loader.exec(createTableSql(layer, 'layers_next', { withoutLoad: true }));
    const checker = new RowChecker(layer, source.columns, context);
    const rejects = new RejectWriter(session.db, load);
    const repairs = new RepairWriter(session.db, load);
    const table = new TableWriter(
      layer,
      (columns) => loader.copy(`layers_next.${layer.id}`, columns, { isFrozen }),
      context.mesh,
    );
    const places = isPlaceOfOthers(layer.id) ? new PlaceIndex(checker.keys, context.expectedRows) : null;
    const lesson = options.isUser !== true && ADDRESS_SOURCES.includes(layer.id) ? new AddressLesson(layer) : null;
    const lane = FastLane.of(layer, checker, table, places, lesson);
    if (lane?.plan) source.encode?.(lane.plan);
    let rowsIn = 0;
    let ended = false;
    try {
      for await (const batch of batches) {
        const { text } = batch;
        const encoded = lane && text ? (batch.encoded ?? lane.encode(text)) : null;
        for (let i = 0; i < batch.lines.length; i += 1) {
          rowsIn += 1;
          if (lane && text && encoded && lane.take(encoded, text, i)) {
            if (table.isFull) await table.flush();
            continue;
          }
          const record = recordOf(batch, i);
          const line = batch.lines[i] as number;
          const row = checker.check(record, line, batch.geometries?.[i] ?? null);
          if (!row) {
            rejects.add({
              ...checker.fault,
              line,
              raw: rawRow(source.columns, record),
              lon: checker.faultPlace?.lon ?? null,
              lat: checker.faultPlace?.lat ?? null,
            });
            if (rejects.isFull) await rejects.flush();
            continue;
          }
          for (const repair of row.repairs) repairs.add(row.key, repair);
          if (repairs.isFull) await repairs.flush();
          table.add(row);
          places?.set(row.number, row.position);
          lesson?.add(row);
          if (table.isFull) await table.flush();
        }
        batch.release?.();
        const share = source.progress();
        this.progress(share, rowsIn);
        table.foresee(share);
        // The connection has its turn, and whoever reads the next rows.
        await setImmediate();
      }
      ended = true;
      const copied = await table.end();
      if (copied !== table.rows) throw notConserved(`${table.rows} rows were sent, the database took ${copied}`);
    } catch (error) {
      if (!ended) await table.abort().catch(() => {});
      await rejects.flush();
      throw error;
    }
    await loader.exec(addLoadColumnsSql(layer, 'layers_next', load, this.startedAt));
    if (isFrozen) await loader.exec('commit');
    this.enter('repair');
    const byAddress = this.checks.has('PLACED_BY_ADDRESS')
      ? await placeByAddress(loader, layer, context.mesh, () => session.addresses(layer), repairs, places)
      : null;
    const repaired = await this.repair(loader, rejects, repairs, places);
    await rejects.flush();
    const rows = {
      in: rowsIn,
      accepted: table.rows - repaired.removed,
      repaired: repaired.rows,
      quarantined: rejects.total,
      unlocated: table.unlocated - (byAddress?.placed ?? 0),
    };
    report.rows = rows;
    report.rejects = [...rejects.byCode]
      .map(([code, { count, examples }]) => ({ code, count, examples }))
      .toSorted((a, b) => b.count - a.count);
    report.repairs = [...repairs.byCode].map(([code, count]) => ({ code, count }));
    this.noteFreshness(checker);
    report.bbox = union(table.bbox, byAddress?.bbox ?? null);
    if (rows.accepted + rows.quarantined !== rows.in) {
      throw notConserved(`${rows.in} rows came in, ${rows.accepted} were accepted and ${rows.quarantined} set aside`);
    }
    await this.assertRowCount(rows.accepted);

    this.enter('index');
    const [counted] = await settle(
      indexTable(
        session.db,
        loader,
        layer,
        (connection) => this.countTable(connection, checker, rejects),
        (share) => this.progress(share, rowsIn),
      ),
      lesson ? session.learn(layer, lesson) : Promise.resolve(),
    );
    if (counted.rows !== rows.accepted)
      throw notConserved(`${rows.accepted} rows were accepted, the table has ${counted.rows}`);
    report.links = this.linkRates(checker, rows, byAddress, counted.references);

    this.enter('publish');
    await swapTable(loader, layer, { load, rows, bbox: report.bbox });
    session.published(layer, load, checker.keys, places, lesson);
    this.enter('publish');
    if (options.isUser !== true && context.mesh === null && !HIERARCHY.includes(layer.id)) {
      report.notes.push(
        'governance_grid is not loaded: the rows have no grid, community and town; load it, then this layer again',
      );
    }
  }

  /** The micro-grids that the rows are placed in; null where they are not. */
  private async mesh(): Promise<GridMesh | null> {
    return isPlaced(this.layer, this.options) ? this.session.gridMesh() : null;
  }

  /** Mends invalid polygons in the table, and finds their place again. */
  private async repair(
    loader: Loader,
    rejects: RejectWriter,
    repairs: RepairWriter,
    places: PlaceIndex | null,
  ): Promise<{ rows: number; removed: number }> {
    this.enter('repair');
    const { mended, removed } = this.checks.has('MADE_VALID')
      ? await repairPolygons(loader, this.layer)
      : { mended: [], removed: [] };
    const mesh = await this.mesh();
    for (const { source_id, reason } of mended) repairs.add(source_id, { code: 'MADE_VALID', message: reason });
    for (const { fid, source_id, geojson } of mended) {
      const position = positionOf(geojson as string, mesh);
      await loader.query(`update ${tableName(this.layer, 'layers_next')} set h3 = $2::int8 where fid = $1::int8`, [
        fid,
        h3Text(position),
      ]);
      if (mesh && position.cell >= 0) {
        await loader.query(
          `update ${tableName(this.layer, 'layers_next')} set grid_code = $2, community_code = $3, town_code = $4 where fid = $1::int8`,
          [fid, mesh.codes[position.cell], mesh.communities[position.cell], mesh.towns[position.cell]],
        );
      }
      places?.move(source_id, position);
    }
    for (const { source_id, reason, row, lon, lat } of removed) {
      places?.move(source_id, null);
      const reject: Reject = {
        code: 'BAD_GEOMETRY',
        field: null,
        value: reason,
        line: null,
        raw: { source_id, ...row },
        lon,
        lat,
        message: bilingual('图形修复后没有面积', 'nothing with an area is left after the repair'),
      };
      rejects.add(reject);
    }
    return { rows: await repairs.rows(removed.map(({ source_id }) => source_id)), removed: removed.length };
  }

  /** About how many rows the file has, by those of its beginning and the share of it that these are. */
  private foresee(seen: number, share: number): number {
    const { layer, options } = this;
    const most = Math.ceil(Math.min(layer.checks.rows[1], 2_000_000) * Math.min(1, options.scale ?? 1));
    return share > 0 ? Math.min(most, Math.ceil((seen / share) * FORESEEN)) : most;
  }

  private async checkContext(crs: DetectedCrs, mesh: GridMesh | null, expectedRows: number): Promise<CheckContext> {
    const { layer, options, report, session } = this;
    const references = new Map<string, { layer: string; keys: KeySet }>();
    for (const { field, layer: target } of layer.checks.references ?? []) {
      const keys = await session.keysOf(target);
      if (keys) references.set(field, { layer: target, keys });
      else report.notes.push(`${target} is not loaded: ${field} was not checked against it`);
    }
    const places = layer.place ? await session.placesOf(layer.place.layer) : null;
    if (layer.place && !places)
      report.notes.push(`${layer.place.layer} is not loaded: the rows have no place; load it, then this layer again`);
    return {
      transform: crs.transform,
      ...(crs.source === undefined ? {} : { crs: crs.source }),
      isDistrict: options.isUser !== true && layer.checks.extent !== 'region',
      mesh,
      places,
      references,
      expectedRows,
      keyByLine: options.keyByLine === true,
      checks: this.checks,
      linker: options.isUser === true ? null : await AddressLinker.of(layer, () => session.addresses(layer)),
    };
  }

  private async assertRowCount(accepted: number): Promise<void> {
    const { layer, options, report, session } = this;
    const [least, most] = layer.checks.rows;
    const scaled = Math.floor(least * report.scale);
    if ((accepted >= scaled && accepted <= most) || !this.checks.has('ROW_COUNT')) {
      if (options.isUser === true || options.acceptChange === true || !this.checks.has('ROW_CHANGE')) return;
      assertNoLeap(layer, accepted, await lastLoad(session.db, layer), report.scale);
      return;
    }
    throw new LoadError('ROW_COUNT', {
      zh: `接收 ${accepted} 行，应在 ${scaled} 至 ${most} 行之间；另有 ${this.report.rows.quarantined} 行被隔离。`,
      en: `${accepted} rows were accepted, expected ${scaled} to ${most}; ${this.report.rows.quarantined} were set aside.`,
    });
  }

  /** How many rows found what they point at, for every link the definition declares and whose target is loaded. */
  private linkRates(
    { context, unlinked }: RowChecker,
    rows: LoadReport['rows'],
    byAddress: PlacedByAddress | null,
    references: readonly LinkRate[],
  ): LinkRate[] {
    const { layer } = this;
    const links: LinkRate[] = [];
    if (this.options.isUser === true) return links;
    if (layer.place && context.places) {
      const { empty, dead } = unlinked;
      const matched = rows.accepted - empty - dead;
      links.push({ kind: 'place', by: layer.place.field, to: layer.place.layer, matched, empty, dead, refused: 0 });
    }
    links.push(...references);
    const by = layer.address ?? '';
    if (byAddress && byAddress.placed + byAddress.unknown > 0) {
      const { placed, unknown, byPrecision } = byAddress;
      const empty = rows.unlocated - unknown;
      links.push({ kind: 'address', by, to: 'address', matched: placed, empty, dead: unknown, refused: 0 });
      for (const [precision, matched] of byPrecision) {
        const name = `${layer.address} (${precision})`;
        links.push({ kind: 'precision', by: name, to: 'address', matched, empty: 0, dead: 0, refused: 0 });
      }
    }
    if (context.linker) {
      const { matched, missed } = context.linker;
      const { empty, unknown, rough, several } = missed;
      const dead = unknown + rough + several;
      links.push({ kind: 'building', by, to: BUILDINGS, matched, empty, dead, refused: 0, reasons: { ...missed } });
    }
    if (context.mesh) {
      const matched = rows.accepted - rows.unlocated;
      links.push({
        kind: 'grid',
        by: 'place',
        to: 'governance_grid',
        matched,
        empty: rows.unlocated,
        dead: 0,
        refused: 0,
      });
    }
    return links;
  }

  /** Counts the filled table: its rows, and those that refer to a row of each layer they refer to. */
  private async countTable(
    loader: Loader,
    { references }: RowChecker,
    rejects: RejectWriter,
  ): Promise<{ rows: number; references: LinkRate[] }> {
    const names = Object.keys(this.layer.fields);
    const fields = references.map(({ index }) => names[index] as string);
    const counts = fields.map((field, i) => `, count(${identifier(field)})::int as r${i}`).join('');
    const [counted] = await loader.query<Record<string, number>>(
      `select count(*)::int as rows${counts} from ${tableName(this.layer, 'layers_next')}`,
    );
    const rows = counted?.['rows'] ?? -1;
    return {
      rows,
      references: references.map(({ layer }, i) => {
        const by = fields[i] as string;
        const matched = counted?.[`r${i}`] ?? 0;
        const refused = rejects.unknownReferences.get(by) ?? 0;
        return { kind: 'reference', by, to: layer, matched, empty: rows - matched, dead: 0, refused };
      }),
    };
  }

  /** Says when the newest row is older than the layer may be. */
  private noteFreshness({ newest, timestampIndex }: RowChecker): void {
    const { layer } = this;
    if (timestampIndex < 0 || !Number.isFinite(newest) || !this.checks.has('STALE')) return;
    const type = layer.fields[layer.source.timestamp as string]?.type === 'date' ? 'date' : 'datetime';
    const at = instantOf(newest, type);
    const hours = Math.round((Date.now() - at.getTime()) / 3_600_000);
    if (hours <= layer.freshnessHours) return;
    this.report.notes.push(
      `最新一行为 ${hours} 小时前，超过 ${layer.freshnessHours} 小时的时效 stale: the newest row (${at.toISOString()}) is ${hours} h old, the layer may be ${layer.freshnessHours} h old`,
    );
  }

  private encodingOption(): { encoding?: string } {
    const { layer, options } = this;
    const encoding = options.stated?.encoding ?? (options.isUser ? undefined : layer.source.encoding);
    return encoding === undefined ? {} : { encoding };
  }

  private noteMissingColumns(columns: readonly string[], format: string): void {
    if (format === 'geojson' || this.options.isUser) return;
    const missing = sourceColumns(this.layer).filter((column) => !columns.includes(column));
    if (missing.length > 0) this.report.notes.push(`columns not in the file, left empty: ${missing.join(', ')}`);
  }

  protected override async discard(): Promise<void> {
    this.session.forgetAddresses();
    await this.session.db.sql.unsafe(`drop table if exists ${tableName(this.layer, 'layers_next')}`);
  }
}

/** Column names the definition reads, coordinates included. */
function sourceColumns(layer: Layer): string[] {
  const columns = sourceFields(layer).map((name) => layer.source.columns?.[name] ?? name);
  const { coordinates } = layer.source;
  return coordinates ? [...columns, coordinates.x, coordinates.y] : columns;
}

/** The first records for a look, and all batches, those included. */
async function readAhead(opened: OpenedFile): Promise<{ ahead: Batch[]; batches: AsyncIterable<Batch> }> {
  const iterator = opened.source.batches()[Symbol.asyncIterator]();
  const ahead: Batch[] = [];
  let seen = 0;
  while (seen < LOOK_AHEAD) {
    const next = await iterator.next();
    if (next.done) break;
    ahead.push(next.value);
    seen += next.value.lines.length;
  }
  async function* batches(): AsyncGenerator<Batch> {
    try {
      yield* ahead;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      // Whoever gives up half-way lets go of the file.
      await iterator.return?.();
    }
  }
  return { ahead, batches: batches() };
}

/** One record, without making texts of all others. */
function recordOf(batch: Batch, index: number): unknown[] {
  return batch.text ? readRecord(batch.text, index) : (batch.rows[index] as unknown[]);
}

/** Records under the header by which a second one is told. */
const HEADER_RECORDS = 1000;

function firstRecords(batches: readonly Batch[], count: number): (readonly unknown[])[] {
  const records: (readonly unknown[])[] = [];
  for (const batch of batches) {
    for (let i = 0; i < batch.lines.length && records.length < count; i += 1) records.push(recordOf(batch, i));
  }
  return records;
}

function assertOneHeader(opened: OpenedFile, ahead: readonly Batch[], layer: Layer): void {
  const rows = firstRecords(ahead, HEADER_RECORDS);
  if (!hasSecondHeader(opened.source.columns, rows, layer)) return;
  const second = (rows[0] as unknown[]).join(', ');
  throw new LoadError('DOUBLE_HEADER', {
    zh: `表头之下的第一行也是表头（${second}）。请删去其中一行再送。`,
    en: `the first row under the header is a header too (${second}). Remove one of them and send the file again.`,
  });
}

type Box = [number, number, number, number];

function union(a: Box | null, b: Box | null): Box | null {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

function rawRow(columns: readonly string[], record: readonly unknown[]): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  for (let i = 0; i < Math.max(columns.length, record.length); i += 1)
    raw[columns[i] ?? `#${i + 1}`] = record[i] ?? null;
  return raw;
}

function positionOf(geojson: string, mesh: GridMesh | null): Position {
  const { coordinates } = JSON.parse(geojson) as { coordinates: number[][][][] };
  const [lon, lat] = innerPoint({ kind: 'polygon', polygons: coordinates });
  const position: Position = { lon, lat, h3High: 0, h3Low: 0, cell: mesh ? mesh.locate(lon, lat) : -1 };
  setH3(position);
  return position;
}

/** A cell as a decimal int8. */
function h3Text(position: Position): string {
  return ((BigInt(position.h3High) << 32n) | BigInt(position.h3Low)).toString();
}

function notConserved(what: string): LoadError {
  return new LoadError('NOT_CONSERVED', { zh: `行数不守恒：${what}`, en: what });
}
