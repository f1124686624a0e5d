import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { LoadError } from '../errors.ts';
import { encodingLabel } from './encoding.ts';

/** An element that was read whole. Names are without their prefix, in the document's own spelling. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  text: string;
  children: XmlElement[];
}

export interface XmlHandler {
  /** An element begins; `path` holds the names of those around it. True: it is read whole and handed to `element`. */
  open(name: string, attributes: Record<string, string>, path: readonly string[]): boolean;
  /** An element that was asked for. */
  element(element: XmlElement, path: readonly string[]): void;
  /** Text and end of an element that was not asked for. */
  close?(name: string, text: string, path: readonly string[]): void;
}

const BLOCK = 1 << 18;
/** Characters of one element that is read whole. */
const MAX_ELEMENT = 64 << 20;

/** Reads an XML file of any size piece by piece. Yields after each piece the bytes read so far. */
export async function* readXml(path: string, handler: XmlHandler): AsyncGenerator<number> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(1024);
    const { bytesRead: headBytes } = await file.read(head, 0, head.length, 0);
    const { encoding, bom } = xmlEncoding(head.subarray(0, headBytes));
    const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    const reader = new TreeReader(handler, path);
    const buffer = Buffer.allocUnsafe(BLOCK);
    for (let position = bom; ;) {
      const { bytesRead } = await file.read(buffer, 0, BLOCK, position);
      position += bytesRead;
      let text: string;
      try {
        text = decoder.decode(buffer.subarray(0, bytesRead), { stream: bytesRead > 0 });
      } catch (cause) {
        throw new LoadError(
          'UNKNOWN_ENCODING',
          {
            zh: `文件含有不属于 ${encoding} 的字节。请在 XML 声明中写明正确的编码。`,
            en: `the file holds bytes that are not ${encoding}. Write the right encoding into the XML declaration.`,
          },
          { cause },
        );
      }
      reader.write(text);
      if (bytesRead === 0) {
        reader.end();
        return;
      }
      yield position;
    }
  } finally {
    await file.close();
  }
}

/** Encoding by byte order mark, else by the XML declaration, else UTF-8. */
function xmlEncoding(head: Buffer): { encoding: string; bom: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bom: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bom: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bom: 2 };
  const stated = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head.toString('latin1'))?.[1];
  return { encoding: (stated === undefined ? null : encodingLabel(stated)) ?? 'utf-8', bom: 0 };
}

/** Turns the parser's events into calls of a handler. */
class TreeReader {
  private readonly parser = new SaxesParser({ xmlns: false, position: true });
  private readonly path: string[] = [];
  private readonly texts: string[] = [];
  private readonly tree: XmlElement[] = [];
  private size = 0;
  private readonly handler: XmlHandler;
  private readonly file: string;

  constructor(handler: XmlHandler, file: string) {
    this.handler = handler;
    this.file = basename(file);
    this.parser.on('error', (error) => {
      throw this.broken(error.message);
    });
    this.parser.on('opentag', (tag) => this.open(tag));
    this.parser.on('closetag', (tag) => this.close(localName(tag.name)));
    this.parser.on('text', (text) => this.addText(text));
    this.parser.on('cdata', (text) => this.addText(text));
  }

  write(text: string): void {
    if (text !== '') this.parser.write(text);
  }

  end(): void {
    this.parser.close();
  }

  private open(tag: SaxesTagPlain): void {
    const name = localName(tag.name);
    const attributes: Record<string, string> = {};
    for (const [key, value] of Object.entries(tag.attributes)) {
      if (!/^xmlns(:|$)/.test(key)) attributes[localName(key)] = value;
    }
    const element: XmlElement = { name, attributes, text: '', children: [] };
    const parent = this.tree.at(-1);
    if (parent) {
      parent.children.push(element);
      this.tree.push(element);
      return;
    }
    if (this.handler.open(name, attributes, this.path)) {
      this.tree.push(element);
      this.size = 0;
      return;
    }
    this.path.push(name);
    this.texts.push('');
  }

  private close(name: string): void {
    const element = this.tree.pop();
    if (element) {
      if (this.tree.length === 0) this.handler.element(element, this.path);
      return;
    }
    this.path.pop();
    const text = this.texts.pop() ?? '';
    this.handler.close?.(name, text, this.path);
  }

  private addText(text: string): void {
    const element = this.tree.at(-1);
    if (element) {
      this.size += text.length;
      if (this.size > MAX_ELEMENT)
        throw this.broken(`element ${this.tree[0]?.name} is larger than ${MAX_ELEMENT >> 20} MB`);
      element.text += text;
      return;
    }
    const last = this.texts.length - 1;
    // Only what a person would write there: not megabytes of white space.
    if (last >= 0 && (this.texts[last] as string).length < 10_000) this.texts[last] += text;
  }

  private broken(reason: string): LoadError {
    const { line } = this.parser;
    return new LoadError('UNREADABLE', {
      zh: `${this.file} 第 ${line} 行不是合法的 XML：${reason}。请重新导出或重新传送。`,
      en: `${this.file}, line ${line}, is not well-formed XML: ${reason}. Export or send it again.`,
    });
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The first child of a name, or undefined. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((candidate) => candidate.name === name);
}
