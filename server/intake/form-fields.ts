import { ApiError } from '../errors.ts';
import { readJson, readText } from './read-text.ts';
import { readXml, type XmlTree } from './xml.ts';

/** Names and texts of a form. Every name is there once. */
export type FormFields = ReadonlyMap<string, string>;

/** A form of a city's report is small; photographs are not taken in this way. */
const LARGEST_FORM = 262_144;
const MOST_FIELDS = 200;

/**
 * The fields of a form, whichever way they were sent: urlencoded, multipart, a JSON object or an XML document.
 * @throws ApiError that names the field which is no UTF-8 or there twice
 */
export async function readFormFields(contentType: string, body: Uint8Array): Promise<FormFields> {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (body.length > LARGEST_FORM) {
    throw new ApiError('BODY_TOO_LARGE', `The form is larger than ${LARGEST_FORM} bytes.`, { field: 'body' });
  }
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new ApiError('MEDIA_TYPE_UNSUPPORTED', `The form must be UTF-8, not ${charset}.`, {
      field: 'Content-Type',
      value: contentType,
    });
  }
  if (type === 'application/x-www-form-urlencoded') return unique(urlencoded(readText(body)));
  if (type === 'multipart/form-data') return unique(await multipart(contentType, body));
  if (/^application\/([\w.+-]+\+)?json$/.test(type)) return unique(members(readJson(body)));
  if (/^(application|text)\/([\w.+-]+\+)?xml$/.test(type)) return unique(elements(readXml(readText(body))));
  throw new ApiError('MEDIA_TYPE_UNSUPPORTED', `The body must be a form, JSON or XML, not ${type.slice(0, 100)}.`, {
    field: 'Content-Type',
    value: contentType,
  });
}

function unique(fields: readonly (readonly [string, string])[]): FormFields {
  if (fields.length > MOST_FIELDS) {
    throw new ApiError('BODY_INVALID', `body: more than ${MOST_FIELDS} fields`, { field: 'body' });
  }
  const map = new Map<string, string>();
  for (const [name, text] of fields) {
    if (map.has(name) && !name.endsWith('[]')) {
      throw new ApiError('BODY_INVALID', `${name.slice(0, 60)}: is there twice`, { field: name });
    }
    map.set(name, text);
  }
  return map;
}

function urlencoded(text: string): [string, string][] {
  return text
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [decode(name, name), decode(name, value)];
    });
}

function decode(field: string, text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new ApiError('BODY_MALFORMED', `${field.slice(0, 60)}: is not percent-encoded UTF-8`, {
      field,
      value: text,
      cause,
    });
  }
}

async function multipart(contentType: string, body: Uint8Array): Promise<[string, string][]> {
  let form: FormData;
  try {
    form = await new Response(Uint8Array.from(body), { headers: { 'Content-Type': contentType } }).formData();
  } catch (cause) {
    throw new ApiError('BODY_MALFORMED', 'The body is no multipart form.', { field: 'body', cause });
  }
  const fields: [string, string][] = [];
  form.forEach((value, name) => {
    if (typeof value !== 'string') return;
    // The parser puts this mark in place of what is no UTF-8.
    if (value.includes('\ufffd')) {
      throw new ApiError('BODY_MALFORMED', `${name.slice(0, 60)}: is not UTF-8`, { field: name, value });
    }
    fields.push([name, value]);
  });
  return fields;
}

function members(value: unknown): [string, string][] {
  const object: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new ApiError('BODY_INVALID', 'body: must be an object of fields', { field: 'body' });
  }
  return Object.entries(object).flatMap(([name, field]: [string, unknown]) => {
    if (field === null) return [];
    if (typeof field === 'string' || typeof field === 'boolean' || typeof field === 'number') {
      return [[name, String(field)] as [string, string]];
    }
    if (name === 'attribute') return [];
    throw new ApiError('BODY_INVALID', `${name.slice(0, 60)}: must be a text or a number`, { field: name });
  });
}

function elements(tree: XmlTree): [string, string][] {
  const request = tree.children.length === 1 && tree.children[0]?.name === 'request' ? tree.children[0] : tree;
  return request.children.map(({ name, text }) => [name, text]);
}
