import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../chaos/api-process.ts';

/** A view a peer serves, with the column of its shape. */
export interface PeerView {
  /** Its name in the schema `bench`. */
  layer: string;
  kind: 'POINT' | 'LINESTRING' | 'POLYGON';
  /** Type by name, as PostgreSQL calls it. */
  columns: Readonly<Record<string, string>>;
}

/** Another tile server over the same tables. */
export interface TilePeer {
  name: string;
  tile: (layer: string, z: number, x: number, y: number) => string;
  stop: () => Promise<void>;
}

/**
 * Starts the tile servers that are on this machine: `MARTIN_BIN` and `PG_TILESERV_BIN` name their programs. Both answer
 * from views of the same rows and columns, from the indexed shape in EPSG:3857. `cacheMb` 0: every tile is made anew.
 */
export async function startPeers(options: {
  url: string;
  scratch: string;
  views: readonly PeerView[];
  cacheMb: number;
}): Promise<TilePeer[]> {
  const peers: TilePeer[] = [];
  const { MARTIN_BIN, PG_TILESERV_BIN } = process.env;
  if (MARTIN_BIN) peers.push(await startMartin(MARTIN_BIN, options));
  if (PG_TILESERV_BIN && options.cacheMb === 0) peers.push(await startTileserv(PG_TILESERV_BIN, options));
  return peers;
}

async function startMartin(
  program: string,
  { url, scratch, views, cacheMb }: { url: string; scratch: string; views: readonly PeerView[]; cacheMb: number },
): Promise<TilePeer> {
  const port = await freePort();
  const config = join(scratch, 'martin.json');
  const tables = Object.fromEntries(
    views.map(({ layer, kind, columns }) => [
      layer,
      {
        schema: 'bench',
        table: layer,
        srid: 3857,
        geometry_column: 'geom',
        geometry_type: kind,
        id_column: 'fid',
        extent: 4096,
        buffer: 64,
        clip_geom: true,
        properties: columns,
      },
    ]),
  );
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      listen_addresses: `127.0.0.1:${port}`,
      worker_processes: 2,
      postgres: { connection_string: url, pool_size: 8, auto_publish: false, tables },
    }),
  );
  const child = await startProgram(
    program,
    ['--config', config, '--cache-size', String(cacheMb)],
    {},
    join(scratch, 'martin.log'),
    port,
  );
  return {
    name: 'Martin',
    tile: (layer, z, x, y) => `http://127.0.0.1:${port}/${layer}/${z}/${x}/${y}`,
    stop: () => stopProgram(child),
  };
}

async function startTileserv(
  program: string,
  { url, scratch, views }: { url: string; scratch: string; views: readonly PeerView[] },
): Promise<TilePeer> {
  const port = await freePort();
  const config = join(scratch, 'tileserv.toml');
  writeFileSync(
    config,
    `HttpHost = "127.0.0.1"\nHttpPort = ${port}\nCacheTTL = 0\nDefaultResolution = 4096\nDefaultBuffer = 64\nMaxFeaturesPerTile = 1000000\nDbPoolMaxConns = 8\n`,
  );
  const child = await startProgram(
    program,
    ['--config', config],
    { DATABASE_URL: url },
    join(scratch, 'tileserv.log'),
    port,
  );
  const columnsOf = new Map(views.map(({ layer, columns }) => [layer, Object.keys(columns).join(',')]));
  return {
    name: 'pg_tileserv',
    tile: (layer, z, x, y) =>
      `http://127.0.0.1:${port}/bench.${layer}/${z}/${x}/${y}.pbf?properties=${columnsOf.get(layer) ?? ''}`,
    stop: () => stopProgram(child),
  };
}

async function startProgram(
  program: string,
  parameters: readonly string[],
  env: Record<string, string>,
  logFile: string,
  port: number,
): Promise<ChildProcess> {
  const log = openSync(logFile, 'a');
  const child = spawn(program, parameters, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  for (let tries = 0; tries < 150; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${program} ended with code ${child.exitCode}; see ${logFile}`);
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    if (answer !== null) return child;
    await new Promise((done) => setTimeout(done, 200));
  }
  child.kill('SIGKILL');
  throw new Error(`${program} does not answer; see ${logFile}`);
}

async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await gone;
}
