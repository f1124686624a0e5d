import { stat } from 'node:fs/promises';
import { LoadError } from '../errors.ts';
import type { EncodedRows, RowPlan } from '../steps/row-encoder.ts';
import type { Batch, RecordSource } from './source.ts';
import type { TextAhead } from './text-ahead.ts';
import { type TextOptions, type TextPiece, TextReader } from './text-reader.ts';
import { dropRecords, readRecord, recordCount, type TextTable } from './text-table.ts';

export interface CsvOptions extends TextOptions {
  /** Bytes of the byte order mark to skip. */
  bom: number;
  /** Column names of a file without a header line. */
  columns?: readonly string[];
  /** Lines to skip after the header, e.g. a second header row. */
  skipAfterHeader?: number;
  /** The thread that reads files ahead, or null where it is not worth it; without it they are read here. */
  ahead?: (bytes: number) => TextAhead | null;
}

/** Files of which there is more than this behind the first records are read by another thread, if there is one. */
const AHEAD_FROM = 1 << 20;

/** Opens delimited text. Memory stays at some 20 MB whatever the size of the file. */
export async function openCsv(path: string, options: CsvOptions): Promise<RecordSource> {
  const { encoding, delimiter } = options;
  if (delimiter !== undefined && !/^[\0-\x7f]$/.test(delimiter)) {
    throw new LoadError('BAD_USAGE', {
      zh: `分隔符 ${JSON.stringify(delimiter)} 应为一个 ASCII 字符。`,
      en: `the delimiter ${JSON.stringify(delimiter)} should be one ASCII character.`,
    });
  }
  const { size } = await stat(path);
  const text: TextOptions = { encoding, ...(delimiter === undefined ? {} : { delimiter }) };
  const reader = await TextReader.open(path, text, { offset: options.bom, line: 1 });
  let begun: TextAhead | null = null;
  const close = (): Promise<void> => {
    begun?.end();
    return reader.close();
  };
  try {
    const first = await reader.next();
    if (!first || isBlank(first.table.bytes))
      throw new LoadError('EMPTY_FILE', { zh: '文件没有内容。', en: 'the file has no content.' });
    const header = options.columns ?? readRecord(first.table, 0).map((name) => name.trim());
    let read = first.end;
    let plan: RowPlan | null = null;
    const from = reader.position;
    const left = from ? size - from.offset : 0;
    const ahead = left > AHEAD_FROM ? options.ahead?.(left) : undefined;

    /** Lets the other thread go on from here, if it can. */
    function handOver(): void {
      const { position } = reader;
      if (begun || !ahead?.isReady || !position) return;
      ahead.begin({ path, options: { encoding, delimiter: position.delimiter }, from: position, plan });
      begun = ahead;
    }
    async function* pieces(): AsyncGenerator<TextPiece> {
      for (;;) {
        handOver();
        if (begun) {
          yield* begun.pieces();
          begun = null;
          return;
        }
        const piece = await reader.next();
        if (piece === null) return;
        yield piece;
      }
    }
    async function* batches(): AsyncGenerator<Batch> {
      const skip = (options.columns ? 0 : 1) + (options.skipAfterHeader ?? 0);
      yield new TextBatch(dropRecords((first as TextPiece).table, skip));
      for await (const piece of pieces()) {
        read = piece.end;
        yield new TextBatch(piece.table, piece.encoded, piece.release);
      }
    }
    return {
      format: 'csv',
      columns: header,
      encoding,
      hasGeometry: false,
      crs: null,
      notes: [],
      batches,
      encode(wanted) {
        plan = wanted;
        // While the caller deals with the first records the next are read.
        handOver();
      },
      progress: () => (size === 0 ? 1 : read / size),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte <= 32);
}

/** Records of a text; texts are made of them when `rows` is asked for. */
class TextBatch implements Batch {
  readonly text: TextTable;
  readonly encoded?: EncodedRows;
  readonly release?: () => void;
  private made: unknown[][] | null = null;

  constructor(text: TextTable, encoded?: EncodedRows, release?: () => void) {
    this.text = text;
    if (encoded) this.encoded = encoded;
    if (release) this.release = release;
  }

  get rows(): unknown[][] {
    return (this.made ??= Array.from({ length: recordCount(this.text) }, (_, i) => readRecord(this.text, i)));
  }

  get lines(): Uint32Array {
    return this.text.lines;
  }
}
