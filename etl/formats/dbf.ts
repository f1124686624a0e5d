import { open } from 'node:fs/promises';

/** What a dBASE file says about its own encoding, and bytes to judge by. */
export interface DbfText {
  /** Language driver id, 0 when not set. */
  ldid: number;
  /** Bytes of field names and records with characters beyond ASCII; at most 256 KB. */
  sample: Buffer;
}

/** Reads the header of a dBASE file and samples its texts. */
export async function readDbfText(path: string): Promise<DbfText> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(32);
    await file.read(head, 0, 32, 0);
    const headerSize = head.readUInt16LE(8);
    const recordSize = Math.max(1, head.readUInt16LE(10));
    const header = Buffer.alloc(Math.max(0, headerSize - 32));
    await file.read(header, 0, header.length, 32);
    const names: Buffer[] = [];
    for (let at = 0; at + 32 <= header.length && header[at] !== 0x0d; at += 32) {
      const end = header.indexOf(0, at);
      names.push(header.subarray(at, Math.min(end < 0 ? at + 11 : end, at + 11)));
    }
    const sample: Buffer[] = names;
    let size = 0;
    // Whole records, so that no character is cut at a border.
    const records = Buffer.alloc(Math.max(recordSize, Math.floor((1 << 20) / recordSize) * recordSize));
    for (let position = headerSize; size < 1 << 18; position += records.length) {
      const { bytesRead } = await file.read(records, 0, records.length, position);
      for (let at = 0; at + recordSize <= bytesRead && size < 1 << 18; at += recordSize) {
        const record = records.subarray(at, at + recordSize);
        if (record.some((byte) => byte >= 0x80)) {
          sample.push(Buffer.from(record));
          size += recordSize;
        }
      }
      if (bytesRead < records.length) break;
    }
    return { ldid: head[29] as number, sample: Buffer.concat(sample) };
  } finally {
    await file.close();
  }
}
