import { ParseOption, XmlDocument, XmlElement, XmlError, XmlLibError, XsdValidator } from 'libxml2-wasm';
import { ApiError } from '../errors.ts';

/** An element with what hangs below it, as plain data: the parser's own memory is given back at once. */
export interface XmlTree {
  name: string;
  text: string;
  line: number;
  children: XmlTree[];
}

/** Nothing of a message is fetched or expanded: no network, no other files, no entities of its own. */
const OPTIONS = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE;
const DEEPEST = 64;

/** A schema that messages are held against. */
export interface XmlSchema {
  validator: XsdValidator;
  /** Elements that cannot be left out. */
  required: ReadonlySet<string>;
}

export function readXmlSchema(text: string): XmlSchema {
  const document = XmlDocument.fromString(text);
  try {
    const elements = Array.from(text.matchAll(/<xs:element name="([\w-]+)"([^>]*)>/g));
    const required = elements.flatMap(([, name = '', more = '']) => (more.includes('minOccurs="0"') ? [] : [name]));
    return { validator: XsdValidator.fromDoc(document), required: new Set(required) };
  } finally {
    document.dispose();
  }
}

/**
 * Reads a message of XML and holds it against a schema.
 * @throws ApiError `BODY_MALFORMED` when it is no XML or brings a document type of its own (entities that grow without
 * end and files of this machine come in that way), `BODY_INVALID` naming the element that the schema refuses
 */
export function readXml(text: string, schema?: XmlSchema): XmlTree {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) {
    throw new ApiError('BODY_MALFORMED', 'The message must have no document type and no entities of its own.', {
      field: 'DOCTYPE',
    });
  }
  const encoding = /^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']/i.exec(text)?.[1];
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
    throw new ApiError('BODY_MALFORMED', `The message says it is ${encoding.slice(0, 40)}; it must be UTF-8.`, {
      field: 'encoding',
      value: encoding,
    });
  }
  const document = parse(text);
  try {
    if (schema) validate(document, schema);
    return treeOf(document.root, 0);
  } finally {
    document.dispose();
  }
}

function parse(text: string): XmlDocument {
  try {
    return XmlDocument.fromString(text, { option: OPTIONS });
  } catch (cause) {
    const detail = cause instanceof XmlLibError ? cause.details[0] : undefined;
    const where = detail ? ` Line ${detail.line}: ${clean(detail.message)}.` : '';
    throw new ApiError('BODY_MALFORMED', `The message is not well-formed XML.${where}`, { field: 'body', cause });
  }
}

function validate(document: XmlDocument, { validator, required }: XmlSchema): void {
  try {
    validator.validate(document);
  } catch (cause) {
    if (!(cause instanceof XmlError)) throw cause;
    const detail = cause instanceof XmlLibError ? cause.details[0] : undefined;
    const message = clean(detail?.message ?? cause.message);
    // Of what may stand in a place the last is the one that must: it is missing where something else stands there.
    const expected = /Expected is (?:one of )?\( ([^)]+) \)/.exec(message)?.[1]?.split(', ').at(-1);
    const missing = expected !== undefined && required.has(expected) ? expected : undefined;
    const named = /Element '([\w:-]+)'/.exec(message)?.[1];
    const field = missing ?? named ?? 'alert';
    throw new ApiError('BODY_INVALID', `line ${detail?.line ?? '?'}: ${message}`, { field, cause });
  }
}

/** Messages of the library name the namespace each time. */
function clean(message: string): string {
  return message
    .replaceAll(/\{[^}]*\}/g, '')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 400);
}

function treeOf(element: XmlElement, depth: number): XmlTree {
  if (depth > DEEPEST) {
    throw new ApiError('BODY_MALFORMED', `${element.name}: nested deeper than ${DEEPEST} levels`, {
      field: element.name,
    });
  }
  const children: XmlTree[] = [];
  for (let node = element.firstChild; node; node = node.next) {
    if (node instanceof XmlElement) children.push(treeOf(node, depth + 1));
  }
  return { name: element.name, text: children.length > 0 ? '' : element.content.trim(), line: element.line, children };
}

/** Text of the first child of a name. */
export function childText(tree: XmlTree, name: string): string | undefined {
  return tree.children.find((child) => child.name === name)?.text;
}

/** Texts of all children of a name, in order. */
export function childTexts(tree: XmlTree, name: string): string[] {
  return tree.children.filter((child) => child.name === name).map(({ text }) => text);
}

/** Characters that XML 1.0 cannot hold at all are left out. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
