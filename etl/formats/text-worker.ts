import { parentPort } from 'node:worker_threads';
import type { Text } from '../../layers/define.ts';
import type { FileCode } from '../checks/codes.ts';
import { LoadError } from '../errors.ts';
import { RowEncoder, type RowPlan } from '../steps/row-encoder.ts';
import { Spares } from './spares.ts';
import { buffersOf, type TextOptions, type TextPiece, type TextPosition, TextReader } from './text-reader.ts';

/** A file to read, and from where. */
export interface TextWorkerFile {
  /** Number that its answers bear. */
  reading: number;
  path: string;
  options: TextOptions;
  from: TextPosition;
  /** How to encode the rows; null when nobody wants it. */
  plan: RowPlan | null;
}

/** Memory of a piece of a file that was dealt with. */
export interface ReleasedPiece {
  reading: number;
  buffers: ArrayBuffer[];
}

/**
 * What a thread that reads text ahead is told: a file; each time that a piece was taken, and that it was dealt with; that no more is
 * wanted of the file.
 */
export type TextWorkerOrder = TextWorkerFile | ReleasedPiece | 'taken' | 'stop';
export type TextWorkerAnswer = { reading: number } & (
  | { piece: TextPiece }
  | { end: true }
  | { fault: { code: FileCode; text: Text } }
  | { error: Error }
);

/** Pieces read ahead of the one that is being loaded. */
const AHEAD = 4;

const port = parentPort;
if (!port) throw new Error('text-worker runs in a worker thread only');

let credit = AHEAD;
/** Number of the file that is read; 0 between two. */
let current = 0;
let wake: (() => void) | null = null;
/** What pieces of this file have left. */
let memory = new Spares();

async function read({ reading, path, options, from, plan }: TextWorkerFile): Promise<void> {
  const encoder = plan && RowEncoder.of(plan);
  const own = (memory = new Spares());
  const reader = await TextReader.open(path, options, from, own);
  try {
    for (let piece = await reader.next(); piece !== null; piece = await reader.next()) {
      if (encoder) piece.encoded = encoder.encode(piece.table, own);
      if (credit === 0 && current === reading) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (current !== reading) return;
      credit -= 1;
      send(reading, piece);
    }
    answer({ reading, end: true });
  } finally {
    await reader.close();
  }
}

/** The arrays change hands instead of being copied. */
function send(reading: number, piece: TextPiece): void {
  const { table } = piece;
  // A small Buffer shares its memory with others and cannot be given away.
  if (table.bytes.buffer.byteLength <= Buffer.poolSize) table.bytes = table.bytes.slice();
  port?.postMessage({ reading, piece } satisfies TextWorkerAnswer, buffersOf(piece));
}

function answer(message: TextWorkerAnswer | 'ready'): void {
  port?.postMessage(message);
}

port.on('message', (order: TextWorkerOrder) => {
  if (typeof order === 'object' && 'buffers' in order) {
    if (order.reading === current) for (const buffer of order.buffers) memory.give(buffer);
    return;
  }
  if (order === 'taken') {
    credit += 1;
  } else {
    credit = AHEAD;
    current = order === 'stop' ? 0 : order.reading;
  }
  wake?.();
  wake = null;
  if (typeof order === 'string') return;
  const { reading } = order;
  read(order).catch((error: unknown) => {
    if (error instanceof LoadError) answer({ reading, fault: { code: error.code, text: error.text } });
    else answer({ reading, error: error instanceof Error ? error : new Error(String(error)) });
  });
});
answer('ready');
