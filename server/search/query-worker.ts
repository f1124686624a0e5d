/** The thread that holds the indexes and searches them, so that no search holds up other requests. */
import { parentPort } from 'node:worker_threads';
import { readTyped } from './match-text.ts';
import { readingsOf } from './readings.ts';
import { type Hit, type Position, searchSegment } from './search-segment.ts';
import type { Segment } from './segment.ts';

export type QueryOrder =
  | { kind: 'add'; segment: Segment }
  | { kind: 'drop'; layer: string }
  | {
      kind: 'search';
      id: number;
      text: string;
      limit: number;
      near: Position | null;
      loads: ReadonlyMap<string, number>;
    };

export interface QueryAnswer {
  id: number;
  hits: Hit[];
  error: string | null;
}

if (parentPort === null) throw new Error('query-worker.ts runs as a worker thread only');
const port = parentPort;
const segments = new Map<string, Segment>();
// The dictionary is read with the first character: before anybody waits for it.
readingsOf('中');

function search({ text, limit, near, loads }: Extract<QueryOrder, { kind: 'search' }>): Hit[] {
  const typed = readTyped(text);
  if (typed.normal === '') return [];
  const hits: Hit[] = [];
  for (const [layer, load] of loads) {
    const segment = segments.get(layer);
    // Rows of another load are not what the map shows.
    if (segment === undefined || segment.load !== load) continue;
    hits.push(...searchSegment(segment, typed, limit, near));
  }
  return hits.toSorted((a, b) => b.score - a.score);
}

port.on('message', (order: QueryOrder) => {
  switch (order.kind) {
    case 'add':
      segments.set(order.segment.layer, order.segment);
      break;
    case 'drop':
      segments.delete(order.layer);
      break;
    case 'search': {
      let answer: QueryAnswer;
      try {
        answer = { id: order.id, hits: search(order), error: null };
      } catch (error) {
        answer = { id: order.id, hits: [], error: error instanceof Error ? (error.stack ?? '') : String(error) };
      }
      port.postMessage(answer, []);
      break;
    }
  }
});
