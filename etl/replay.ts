/**
 * Streams a CSV or GeoJSON of real incidents into the API, in event order, at a chosen speed.
 *
 *   npm run replay -- FILE --rate 20           20 incidents a second (default 5; 0: as fast as they are taken)
 *   npm run replay -- FILE --speed 60          as they happened, 60 times as fast
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { readEnv } from './env.ts';
import { fileUnder } from './replay/categories.ts';
import { atRate, atSpeed, paced } from './replay/pace.ts';
import { fetchCells, Placement } from './replay/placement.ts';
import { readIncidents, type FileContent, type FileIncident } from './replay/read.ts';
import { Sender, type Report } from './replay/sender.ts';

const USAGE = `npm run replay -- FILE [options]

  --rate N          incidents a second; 0: as fast as they are taken (default 5)
  --speed N         as they happened, N times as fast, instead of --rate
  --url URL         the API (default http://127.0.0.1:$PORT)
  --token TOKEN     bearer token, when the API wants one
  --limit N         only the first N rows of the file
  --map KIND=COL,…  name columns that are not found: time, lon, lat, id, category, title; title=A+B joins two, so do
                    time=DAY+HOUR and place=A+B, which names the place where there are no coordinates (the same name,
                    the same micro-grid); category==CODE is one category for all
  --now             report each incident as happening now; each run then reports new incidents
  --patience N      seconds to go on trying while the API is away (default 120)`;

/** Incidents in one request at most. */
const LARGEST_BATCH = 1000;

export interface ReplaySummary {
  /** Rows of the file. read = stored + duplicates + unplaced + rejected + unsent. */
  read: number;
  sent: number;
  stored: number;
  duplicates: number;
  unplaced: number;
  rejected: number;
  /** Left when the replay was broken off. */
  unsent: number;
}

export interface ReplayOptions {
  file: string;
  url: string;
  rate: number;
  speed?: number;
  limit?: number;
  map?: string;
  token?: string;
  now?: boolean;
  /** ms */
  patience: number;
  log(line: string): void;
  onProgress?(done: number, total: number): void;
}

/** Replays a file. Stops at `signal`; whatever happens, the summary accounts for every row read. */
export async function replay(options: ReplayOptions, signal?: AbortSignal): Promise<ReplaySummary> {
  const { log } = options;
  const headers: Record<string, string> =
    options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` };
  const content = await readIncidents(options.file, {
    ...(options.map === undefined ? {} : { map: options.map }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  });
  describeFile(content, log);
  const { incidents } = content;
  const placement = new Placement(await fetchCells(options.url, headers), content.places);
  if (placement.isMapped) log('re-placed: the extent of the file is stretched over the extent of the district');
  const sender = new Sender({
    url: options.url,
    headers,
    patience: options.patience,
    onWait: (why) => log(`waiting: ${why}`),
  });
  const pace =
    options.speed === undefined
      ? atRate(options.rate)
      : atSpeed(
          incidents.map(({ at }) => at),
          options.speed,
        );
  const begin = Date.now();
  const counts = { moved: 0, unknown: 0 };
  /** Rows repeated exactly are one incident: the later ones say the same as the first. */
  const firstIndex = new Map<string, number>();
  const report = (incident: FileIncident, index: number): Report => {
    const { key } = incident;
    if (!firstIndex.has(key)) firstIndex.set(key, index);
    const place =
      incident.place === undefined
        ? placement.place(incident.lon, incident.lat, fraction(key))
        : placement.placeNamed(fraction(incident.place), fraction(key));
    const { known, ...filing } = fileUnder(incident.category);
    counts.moved += place.moved ? 1 : 0;
    counts.unknown += known ? 0 : 1;
    return {
      key: options.now ? `${key}@${begin}` : key,
      source: key.slice(0, key.indexOf('/')),
      ...filing,
      title: incident.title,
      lon: place.lon,
      lat: place.lat,
      occurredAt: new Date(options.now ? begin + pace(firstIndex.get(key) ?? index) : incident.at).toISOString(),
    };
  };
  try {
    await paced(incidents.length, pace, LARGEST_BATCH, async (from, to) => {
      signal?.throwIfAborted();
      await sender.send(incidents.slice(from, to).map((incident, i) => report(incident, from + i)));
      options.onProgress?.(to, incidents.length);
    });
  } catch (error) {
    log(signal?.aborted ? 'broken off' : `broken off: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (counts.moved > 0) log(`${counts.moved} fell outside the district and went into the nearest micro-grid`);
  if (counts.unknown > 0) log(`${counts.unknown} have a category that no rule knows and are filed under Z05`);
  for (const [code, { count, example }] of sender.reasons) log(`${count} × ${code}, e.g. ${example}`);
  const { sent, stored, duplicates } = sender.totals;
  return {
    read: content.read,
    sent,
    stored,
    duplicates,
    unplaced: content.unplaced,
    rejected: content.rejected.length + sender.totals.rejected,
    unsent: incidents.length - sent,
  };
}

/** A number from 0 to 1 that depends on the text alone. */
function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE() / 2 ** 32;
}

function describeFile({ columns, encoding, rejected, unplaced }: FileContent, log: (line: string) => void): void {
  const found = Object.entries(columns).map(([kind, column]) => `${kind}=${[column ?? '—'].flat().join('+')}`);
  log(`encoding ${encoding}; columns ${found.join(', ')}; times without zone are read as UTC+8`);
  if (columns.id === undefined) log('no id column: the key of a row is a hash of all of it');
  if (unplaced > 0) log(`${unplaced} rows have no coordinates; they are counted, not invented`);
  for (const { line, message } of rejected.slice(0, 5)) log(`line ${line}: ${message}`);
}

/** Reads the command line. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rate: { type: 'string', default: '5' },
      speed: { type: 'string' },
      url: { type: 'string', default: `http://127.0.0.1:${readEnv().port}` },
      token: { type: 'string' },
      limit: { type: 'string' },
      map: { type: 'string' },
      now: { type: 'boolean', default: false },
      patience: { type: 'string', default: '120' },
      help: { type: 'boolean', default: false },
    },
  });
  const [file] = positionals;
  if (values.help || file === undefined || positionals.length > 1) throw new Error(USAGE);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const bar = new SingleBar({ format: '{bar} {value}/{total} · {eta_formatted}', clearOnComplete: true });
  const summary = await replay(
    {
      file,
      url: values.url,
      rate: number('rate', values.rate),
      ...(values.speed === undefined ? {} : { speed: number('speed', values.speed, Number.MIN_VALUE) }),
      ...(values.limit === undefined ? {} : { limit: number('limit', values.limit) }),
      ...(values.map === undefined ? {} : { map: values.map }),
      ...(values.token === undefined ? {} : { token: values.token }),
      now: values.now,
      patience: number('patience', values.patience) * 1000,
      log: (line) => console.error(line),
      onProgress: (done, total) => (bar.isActive ? bar.update(done) : bar.start(total, done)),
    },
    stop.signal,
  );
  bar.stop();
  console.log(
    Object.entries(summary)
      .map(([name, count]) => `${name} ${count}`)
      .join(' · '),
  );
  if (summary.unsent > 0) process.exitCode = 1;
}

function number(name: string, text: string, least = 0): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least) || !Number.isFinite(value)) {
    throw new Error(`--${name} ${text}: must be a number${least > 0 ? ' above 0' : ', 0 or more'}`);
  }
  return value;
}

if (process.argv[1] === import.meta.filename) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
