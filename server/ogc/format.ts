import type { Context } from 'hono';
import { ApiError } from '../errors.ts';
import { entityTag, hasCurrent, notModified } from '../routes/cache.ts';
import type { AppEnv } from '../routes/router.ts';
import { toHtml } from './html.ts';

export type Format = 'json' | 'html';

/** Media types and their weights in an `Accept` header. */
function accepted(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const part of header.split(',').slice(0, 50)) {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const value = weight === undefined ? 1 : Number(weight.slice(2));
    weights.set(type, Number.isFinite(value) ? value : 0);
  }
  return weights;
}

/**
 * The format of an answer: `f=` says, else the `Accept` header; JSON where that leaves it open. `types` are the media
 * types that the JSON answer goes by. Throws `PARAMETER_INVALID` and, where nothing we have is accepted, `NOT_ACCEPTABLE`.
 */
export function formatOf(c: Context<AppEnv>, types: readonly string[]): Format {
  const f = c.req.query('f');
  if (f !== undefined) {
    if (f !== 'json' && f !== 'html') {
      throw new ApiError('PARAMETER_INVALID', 'f: must be json or html', { field: 'f', value: f });
    }
    return f;
  }
  const header = c.req.header('Accept');
  if (header === undefined || header.trim() === '') return 'json';
  const weights = accepted(header);
  const weightOf = (names: readonly string[]): number => {
    for (const name of names) {
      const exact = weights.get(name);
      if (exact !== undefined) return exact;
    }
    for (const name of names) {
      const family = weights.get(`${name.split('/')[0]}/*`);
      if (family !== undefined) return family;
    }
    return weights.get('*/*') ?? 0;
  };
  const json = weightOf(['application/json', ...types.map((type) => type.split(';')[0] as string)]);
  const html = weightOf(['text/html']);
  if (json <= 0 && html <= 0) {
    throw new ApiError('NOT_ACCEPTABLE', `There is ${types[0]} and text/html here, not ${header.slice(0, 200)}.`, {
      field: 'Accept',
      value: header,
    });
  }
  return html > json ? 'html' : 'json';
}

/** Answers a body as JSON of a media type or as a page, with a tag made of it. */
export function answer(
  c: Context<AppEnv>,
  format: Format,
  type: string,
  title: string,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const all = {
    ETag: entityTag(format, JSON.stringify(body)),
    'Cache-Control': 'private, no-cache',
    ...headers,
    Vary: 'Accept, Accept-Encoding, Authorization',
  };
  if (hasCurrent(c, all.ETag)) return notModified(c, all);
  if (format === 'html') return c.html(toHtml(title, body), 200, all);
  return c.json(body, 200, { ...all, 'Content-Type': type });
}
