import { parentPort, workerData } from 'node:worker_threads';
import type { Text } from '../../layers/define.ts';
import type { FileCode } from '../checks/codes.ts';
import { LoadError } from '../errors.ts';
import { type TextOptions, type TextPiece, type TextPosition, TextReader } from './text-reader.ts';

/** What a worker that reads text ahead is told: the file, then where to begin, then each time that a piece was taken. */
export interface TextWorkerInput {
  path: string;
  options: TextOptions;
}
export type TextWorkerOrder = { from: TextPosition } | 'taken';
export type TextWorkerAnswer =
  | 'ready'
  | { piece: TextPiece }
  | { end: true }
  | { fault: { code: FileCode; text: Text } }
  | { error: unknown };

/** Pieces read ahead of the one that is being loaded. */
const AHEAD = 4;

const port = parentPort;
if (!port) throw new Error('text-worker runs in a worker thread only');
const { path, options } = workerData as TextWorkerInput;

let credit = AHEAD;
let wake: (() => void) | null = null;

async function read(from: TextPosition): Promise<void> {
  const reader = await TextReader.open(path, options, from);
  try {
    for (let piece = await reader.next(); piece !== null; piece = await reader.next()) {
      if (credit === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      credit -= 1;
      send(piece);
    }
    answer({ end: true });
  } finally {
    await reader.close();
  }
}

/** The arrays change hands instead of being copied. */
function send(piece: TextPiece): void {
  const { table } = piece;
  // A small Buffer shares its memory with others and cannot be given away.
  if (table.bytes.buffer.byteLength <= Buffer.poolSize) table.bytes = table.bytes.slice();
  const { bytes, starts, ends, records, lines } = table;
  const owned = [bytes, starts, ends, records, lines].map((array) => array.buffer as ArrayBuffer);
  port?.postMessage({ piece } satisfies TextWorkerAnswer, [...new Set(owned)]);
}

function answer(message: TextWorkerAnswer): void {
  port?.postMessage(message);
}

port.on('message', (order: TextWorkerOrder) => {
  if (order === 'taken') {
    credit += 1;
    wake?.();
    wake = null;
    return;
  }
  read(order.from).catch((error: unknown) =>
    answer(error instanceof LoadError ? { fault: { code: error.code, text: error.text } } : { error }),
  );
});
answer('ready');
