import type { Logger } from 'pino';
import type { Catalogue } from '../catalogue.ts';
import type { Duties } from '../duty/duties.ts';
import { registerDuty, runDuty } from '../duty/duty.ts';
import { readGtfsRealtime } from './gtfs-realtime.ts';
import { takePositions } from './position-intake.ts';

const EVERY_MS = 10_000;
const TIMEOUT_MS = 8000;
/** A feed of ten thousand vehicles is some 1 MB. */
const MOST_BYTES = 16 << 20;
const KIND = 'bus_position';

/** Asks for a feed of vehicle positions (GTFS Realtime) again and again; one process at a time does. */
export async function takeOnGtfsFeed(duties: Duties, catalogue: Catalogue, url: string, log: Logger): Promise<void> {
  const name = `sensors.gtfs ${url}`;
  await duties.take({
    name: `${name}.look`,
    everyMs: EVERY_MS,
    turn: async (sql) => {
      await registerDuty(sql, name);
      // Asked outside of the transaction: a feed that takes its time must hold up nobody.
      const isOurs = await runDuty(sql, { name, everyMs: EVERY_MS, run: async () => undefined });
      if (!isOurs) return false;
      try {
        const { stored, rejected } = await takePositions(sql, catalogue, await fetchFeed(url));
        const [first] = rejected;
        if (first) log.warn({ url, stored, rejected: rejected.length, first }, 'positions of a feed were refused');
      } catch (error) {
        log.warn({ err: error, url }, 'a feed of positions cannot be read');
      }
      return false;
    },
  });
}

/** The vehicles of a feed. @throws an Error for an answer that is none */
export async function fetchFeed(url: string): Promise<object[]> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  if (Number(response.headers.get('Content-Length') ?? 0) > MOST_BYTES) throw new Error(`${url}: too large`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > MOST_BYTES) throw new Error(`${url}: too large`);
  return readGtfsRealtime(bytes).map((vehicle) => ({ kind: KIND, ...vehicle }));
}
