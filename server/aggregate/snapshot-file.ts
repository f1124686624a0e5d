import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Layer } from '../../layers/define.ts';
import { storedColumns } from '../queries/column-chunk.ts';
import { shared, type SharedTable } from './shared-table.ts';

/**
 * The columns of one version of a layer as a file: eight bytes that say what it is, the length of the header, the header
 * (JSON), and the arrays one after the other as they lie in memory. Little-endian, like every machine this runs on.
 */
const MAGIC = Buffer.from('OMCOLS1\n');
const BYTES_AT_ONCE = 8 * 1024 * 1024;
const LARGEST_HEADER = 16 * 1024 * 1024;

const ARRAYS = { Int8Array, Int16Array, Int32Array, Uint8Array, Uint16Array, Uint32Array, Float64Array };
type ArrayName = keyof typeof ARRAYS;
type AnyArray = InstanceType<(typeof ARRAYS)[ArrayName]>;

interface Header {
  /** Which version of which layer, by `versionMark`. */
  mark: string;
  /** The table; arrays stand as `{"$": index}` in it. */
  table: unknown;
  arrays: { type: ArrayName; length: number }[];
  sha256: string;
}

/** Why a file is not used: it is no snapshot, or damaged, or a good one of something else. */
export class SnapshotRefused extends Error {
  readonly isDamaged: boolean;
  constructor(reason: string, { isDamaged = true, cause }: { isDamaged?: boolean; cause?: unknown } = {}) {
    super(reason, { cause });
    this.isDamaged = isDamaged;
  }
}

/**
 * What a snapshot must say of itself to be taken: the version and when it was published (load ids are given again in
 * another database), and what is kept of the layer. Definitions that differ in nothing else share it.
 */
export function versionMark(layer: Layer, load: number, publishedAt: Date, rows: number): string {
  const what = [layer.id, load, publishedAt.getTime(), rows, JSON.stringify(storedColumns(layer))];
  return createHash('sha256').update(what.join('\n')).digest('hex');
}

function isArray(value: unknown): value is AnyArray {
  return ArrayBuffer.isView(value);
}

/** Writes the table. A hash is taken on the way. */
export async function writeSnapshot(path: string, mark: string, table: SharedTable): Promise<void> {
  const arrays: AnyArray[] = [];
  const shape = JSON.stringify(table, (_key, value: unknown) => {
    if (!isArray(value)) return value;
    return { $: arrays.push(value) - 1 };
  });
  const hash = createHash('sha256');
  for (const array of arrays) for (const piece of pieces(array)) await hashed(hash, piece);
  const header: Header = {
    mark,
    table: JSON.parse(shape),
    arrays: arrays.map((array) => ({ type: array.constructor.name as ArrayName, length: array.length })),
    sha256: hash.digest('hex'),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writev([MAGIC, length, json]);
    for (const array of arrays) {
      for (const piece of pieces(array)) {
        for (let from = 0; from < piece.length;) from += (await file.write(piece, from)).bytesWritten;
      }
    }
    // After a power failure a name must not lead to half a file; the hash would tell, but only after reading it all.
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Reads a table straight into shared memory. @throws SnapshotRefused when the file is of another version, or damaged */
export async function readSnapshot(path: string, mark: string): Promise<SharedTable> {
  const file = await open(path, 'r');
  try {
    const start = await readFully(file, Buffer.alloc(MAGIC.length + 4), 0);
    if (!start.subarray(0, MAGIC.length).equals(MAGIC)) throw new SnapshotRefused('it is no snapshot of this version');
    const size = start.readUInt32LE(MAGIC.length);
    if (size > LARGEST_HEADER) throw new SnapshotRefused('its header is too long');
    let at = start.length + size;
    const header = parseHeader(await readFully(file, Buffer.alloc(size), start.length));
    if (header.mark !== mark) {
      throw new SnapshotRefused('it is of another version of the layer', { isDamaged: false });
    }
    const bytes = header.arrays.reduce((sum, { type, length }) => sum + length * ARRAYS[type].BYTES_PER_ELEMENT, 0);
    if ((await file.stat()).size !== at + bytes) throw new SnapshotRefused('it is not as long as it says');
    const hash = createHash('sha256');
    const arrays: AnyArray[] = [];
    for (const { type, length } of header.arrays) {
      const array = shared<AnyArray>(ARRAYS[type], length);
      for (const piece of pieces(array)) {
        await readFully(file, piece, at);
        await hashed(hash, piece);
        at += piece.length;
      }
      arrays.push(array);
    }
    if (hash.digest('hex') !== header.sha256) throw new SnapshotRefused('it is damaged');
    return JSON.parse(JSON.stringify(header.table), (_key, value: unknown) => {
      const index = (value as { $?: unknown } | null)?.$;
      return typeof index === 'number' ? arrays[index] : value;
    }) as SharedTable;
  } finally {
    await file.close();
  }
}

function parseHeader(bytes: Buffer): Header {
  try {
    const header = JSON.parse(bytes.toString('utf8')) as Header;
    if (header.arrays.every(({ type, length }) => type in ARRAYS && Number.isSafeInteger(length) && length >= 0)) {
      return header;
    }
  } catch (cause) {
    throw new SnapshotRefused('its header cannot be read', { cause });
  }
  throw new SnapshotRefused('its header makes no sense');
}

function* pieces({ buffer, byteOffset, byteLength }: AnyArray): Generator<Uint8Array> {
  for (let from = 0; from < byteLength; from += BYTES_AT_ONCE) {
    yield new Uint8Array(buffer, byteOffset + from, Math.min(BYTES_AT_ONCE, byteLength - from));
  }
}

async function hashed(hash: ReturnType<typeof createHash>, piece: Uint8Array): Promise<void> {
  hash.update(piece);
  await setImmediate();
}

async function readFully<T extends Uint8Array>(file: FileHandle, target: T, position: number): Promise<T> {
  for (let filled = 0; filled < target.length;) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) throw new SnapshotRefused('it ends too early');
    filled += bytesRead;
  }
  return target;
}
