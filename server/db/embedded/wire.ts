/**
 * Messages of the PostgreSQL wire protocol 3.0, as far as the gateway has to look into them
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html).
 */

/** First byte of the messages a client sends. */
export const Front = {
  parse: 0x50, // P
  bind: 0x42, // B
  describe: 0x44, // D
  execute: 0x45, // E
  close: 0x43, // C
  sync: 0x53, // S
  flush: 0x48, // H
  query: 0x51, // Q
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyFail: 0x66, // f
  terminate: 0x58, // X
} as const;

/** First byte of the messages the backend sends. */
export const Back = {
  authentication: 0x52, // R
  parameterStatus: 0x53, // S
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
  dataRow: 0x44, // D
  commandComplete: 0x43, // C
  emptyQuery: 0x49, // I
  error: 0x45, // E
  portalSuspended: 0x73, // s
  notification: 0x41, // A
  copyInResponse: 0x47, // G
  notice: 0x4e, // N
  bindComplete: 0x32, // 2
  noData: 0x6e, // n
} as const;

/** Codes in place of a protocol version in the first packet of a connection. */
export const startupCode = { cancel: 80877102, ssl: 80877103, gss: 80877104 } as const;

/** One message: type byte, length, body. */
export function message(type: number, body: Uint8Array = new Uint8Array(0)): Buffer {
  const out = Buffer.allocUnsafe(5 + body.length);
  out[0] = type;
  out.writeInt32BE(4 + body.length, 1);
  out.set(body, 5);
  return out;
}

export function queryMessage(sql: string): Buffer {
  return message(Front.query, Buffer.from(`${sql}\0`));
}

/** Close of a named prepared statement. */
export function closeStatementMessage(name: Buffer): Buffer {
  return message(Front.close, Buffer.concat([Buffer.from('S'), name, Buffer.from([0])]));
}

/** Status: `I` idle, `T` in a transaction, `E` in a failed transaction. */
export function readyForQuery(status: string): Buffer {
  return message(Back.readyForQuery, Buffer.from(status, 'latin1'));
}

export function errorResponse(code: string, text: string, severity = 'ERROR'): Buffer {
  return message(Back.error, Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${text}\0\0`));
}

export function startupMessage(parameters: Record<string, string>): Buffer {
  const body = Buffer.from(`${Object.entries(parameters).flat().join('\0')}\0\0`);
  const out = Buffer.alloc(8 + body.length);
  out.writeInt32BE(out.length, 0);
  out.writeInt32BE(0x30000, 4);
  body.copy(out, 8);
  return out;
}

/** The bytes up to the next zero byte, from `start` on. */
export function stringAt(buffer: Buffer, start: number): Buffer {
  const end = buffer.indexOf(0, start);
  return buffer.subarray(start, end < 0 ? buffer.length : end);
}

/** Cuts a byte stream into whole messages. */
export class MessageReader {
  private pending: Buffer[] = [];
  private size = 0;
  /** Bytes needed before the next message can be complete: saves joining the pieces of a long message again and again. */
  private needed = 0;

  push(bytes: Buffer): void {
    this.pending.push(bytes);
    this.size += bytes.length;
  }

  /** The next whole message, or null while it is incomplete. `typed`: false for the first packet, which has no type byte. */
  next(typed: boolean): Buffer | null {
    const offset = typed ? 1 : 0;
    if (this.size < Math.max(offset + 4, this.needed)) return null;
    const all = this.pending.length === 1 ? this.pending[0]! : Buffer.concat(this.pending, this.size);
    const length = offset + all.readInt32BE(offset);
    if (length < offset + 4) throw new Error(`wire protocol: message length ${length - offset}`);
    if (all.length < length) {
      this.pending = [all];
      this.needed = length;
      return null;
    }
    this.needed = 0;
    this.size = all.length - length;
    this.pending = this.size > 0 ? [all.subarray(length)] : [];
    return all.subarray(0, length);
  }
}
