import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import iconv from 'iconv-lite';

/** Appends text to a file in pieces of 256 K characters, in UTF-8 or GB18030. */
export class TextFile {
  private readonly descriptor: number;
  private readonly encoding: 'utf-8' | 'gb18030';
  private pieces: string[] = [];
  private size = 0;

  constructor(path: string, encoding: 'utf-8' | 'gb18030') {
    mkdirSync(dirname(path), { recursive: true });
    this.descriptor = openSync(path, 'w');
    this.encoding = encoding;
  }

  write(text: string): void {
    this.pieces.push(text);
    this.size += text.length;
    if (this.size > 262_144) this.flush();
  }

  private flush(): void {
    const text = this.pieces.join('');
    const bytes = this.encoding === 'gb18030' ? iconv.encode(text, 'gb18030') : Buffer.from(text, 'utf8');
    for (let at = 0; at < bytes.length;) at += writeSync(this.descriptor, bytes, at);
    this.pieces = [];
    this.size = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }
}
