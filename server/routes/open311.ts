import { createRoute, z } from '@hono/zod-openapi';
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { shanghaiTime } from '../shanghai-time.ts';
import { maskValue, type Role } from '../../layers/access.ts';
import { departments } from '../../layers/departments.ts';
import { callerOf, tokenFingerprint, type AccessSettings } from '../auth/caller.ts';
import { ApiError } from '../errors.ts';
import { categories, findCategory, type Category } from '../incidents/categories.ts';
import { groupOf } from '../incidents/category-group.ts';
import { readFormFields, type FormFields } from '../intake/form-fields.ts';
import { georeportField, JURISDICTION, readOpen311 } from '../intake/open311.ts';
import { FORMAT_TYPES, writeErrors, writeList, writeOne, type Format, type Row } from '../intake/open311-answer.ts';
import type { RateLimit } from '../intake/rate-limit.ts';
import { receiveMessages, refusal } from '../intake/receive.ts';
import { findByToken, findToken, listServiceRequests, type ServiceRequest } from '../queries/reports.ts';
import { originOf } from './origin.ts';
import { limitReports, newToken } from './reports.ts';
import { createRouter, endpoint, type AppEnv } from './router.ts';

export const OPEN311_ROOT = '/open311/v2';
const FORMATS = ['json', 'xml'] as const;
const tags = ['open311'];
const CHANGESET = '2026-11-27T00:00:00+08:00';
const DAY = 86_400_000;
const LONGEST_SPAN = 90 * DAY;
const MOST_REQUESTS = 1000;

export interface Open311Options {
  access: AccessSettings;
  limit: RateLimit;
}

/** The format that an address of Open311 ends in. */
export function formatOf(path: string): Format {
  return path.endsWith('.xml') ? 'xml' : 'json';
}

/** Failures below Open311's addresses have the shape of GeoReport v2. */
export function answerOpen311Failure(c: Context<AppEnv>, error: ApiError): Response {
  const format = formatOf(c.req.path);
  const { field, message, status } = error;
  // The shape has no place for the field: it is said in the text.
  const description = field === undefined || message.includes(field) ? message : `${field}: ${message}`;
  return c.body(writeErrors(format, status, description), status, {
    'Content-Type': FORMAT_TYPES[format],
    'Cache-Control': 'no-store',
  });
}

const answers = (description: string, type: 'array' | 'object' = 'array') => ({
  description,
  content: {
    'application/json': { schema: { type } },
    'application/xml': { schema: { type: 'string' as const } },
  },
});
const errors = (description: string) => answers(`Errors, [{code, description}]: ${description}`);

const Jurisdiction = z
  .string()
  .optional()
  .openapi({ description: `${JURISDICTION}, the only one here`, example: JURISDICTION });
const ApiKey = z.string().optional().openapi({ description: 'A token of this service; without it as the public' });
const last = (name: string, example: string) =>
  z.string().openapi({ param: { name, in: 'path' }, example, description: 'Ends in .json or .xml' });

function checkJurisdiction(text: string | undefined): void {
  if (text === undefined || text === '' || text === JURISDICTION) return;
  throw new ApiError('ROUTE_NOT_FOUND', `jurisdiction_id ${text.slice(0, 40)} was not found; it is ${JURISDICTION}.`);
}

/** A name in a path that must end in a format. */
function splitFormat(text: string): { name: string; format: Format } {
  const [, name, format] = /^(.+)\.(json|xml)$/.exec(text) ?? [];
  if (name === undefined) throw new ApiError('ROUTE_NOT_FOUND', 'The address must end in .json or .xml.');
  return { name, format: format as Format };
}

function send(c: Context<AppEnv>, format: Format, body: string, status: 200 | 201 = 200): Response {
  return c.body(body, status, { 'Content-Type': FORMAT_TYPES[format], 'Cache-Control': 'no-store' });
}

function serviceRow({ code, title }: Category): Row {
  return {
    service_code: code,
    service_name: title.zh,
    description: `${title.zh} / ${title.en}`,
    metadata: false,
    type: 'realtime',
    keywords: `${title.zh},${title.en}`,
    group: groupOf(code).zh,
  };
}

/** Texts of citizens may name people or give numbers of theirs: long numbers are hidden from the public. */
function shown(text: string | null, role: Role): string | null {
  return text === null || role === 'staff' ? text : text.replaceAll(/\d[\d -]{5,}\d[\dXx]?/g, '***');
}

function requestRow(request: ServiceRequest, role: Role): Row {
  const { address, department } = request;
  return {
    service_request_id: String(request.id),
    status: request.state,
    status_notes: request.stage,
    service_name: request.category_zh,
    service_code: request.category,
    description: shown(request.description, role),
    agency_responsible: department === null ? null : (departments[department]?.title.zh ?? department),
    service_notice: null,
    requested_datetime: shanghaiTime(request.received_at),
    updated_datetime: shanghaiTime(request.updated_at),
    expected_datetime: request.due_at === null ? null : shanghaiTime(request.due_at),
    address: address === null || role === 'staff' ? address : String(maskValue('address', address)),
    address_id: null,
    zipcode: '528000',
    lat: request.lat,
    long: request.lon,
    media_url: null,
    extended_attributes: { stage: request.stage },
  };
}

function writeRequests(format: Format, rows: readonly ServiceRequest[], role: Role): string {
  return writeList(
    format,
    'service_requests',
    'request',
    rows.map((row) => requestRow(row, role)),
  );
}

const RequestQuery = z.object({
  jurisdiction_id: Jurisdiction,
  api_key: ApiKey,
  service_request_id: z.string().optional().openapi({ description: 'Numbers with commas between; wins over the rest' }),
  service_code: z.string().optional().openapi({ description: 'Codes with commas between' }),
  start_date: z.string().optional().openapi({ description: 'ISO 8601 with zone; at most 90 days before end_date' }),
  end_date: z.string().optional().openapi({ description: 'ISO 8601 with zone; default now' }),
  status: z.string().optional().openapi({ description: 'open, closed, or both with a comma between' }),
});

function invalid(field: string, why: string): never {
  throw new ApiError('PARAMETER_INVALID', `${field}: ${why}`, { field });
}

function dateOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const date = z.iso.datetime({ offset: true }).safeParse(text);
  return date.success ? Date.parse(date.data) : invalid(name, 'must be ISO 8601 with a zone');
}

function spanOf(query: z.infer<typeof RequestQuery>, now: number): { from: Date; to: Date } {
  const start = dateOf('start_date', query.start_date);
  const end = dateOf('end_date', query.end_date) ?? (start === undefined ? now : Math.min(now, start + LONGEST_SPAN));
  const from = start ?? end - LONGEST_SPAN;
  if (from > end) invalid('start_date', 'is after end_date');
  if (end - from > LONGEST_SPAN) invalid('end_date', 'is more than 90 days after start_date');
  return { from: new Date(from), to: new Date(end) };
}

function listOf(name: string, text: string | undefined, pattern: RegExp): string[] | undefined {
  if (text === undefined || text === '') return undefined;
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > MOST_REQUESTS || parts.some((part) => !pattern.test(part)))
    invalid(name, `is not ${pattern.source} with commas between`);
  return parts;
}

/** Open311 GeoReport v2, in JSON and XML: other cities' programs report here and read what became of it. */
export function open311Routes({ access, limit }: Open311Options) {
  const router = createRouter();

  /** Whose rights count: the header's, or those of `api_key`. */
  const identify = (c: Context<AppEnv>, apiKey: string | undefined): void => {
    if (apiKey === undefined || apiKey === '' || c.req.header('Authorization') !== undefined) return;
    try {
      c.set('caller', callerOf(`Bearer ${apiKey}`, access));
    } catch (cause) {
      throw new ApiError('FORBIDDEN', 'api_key is not known here.', { field: 'api_key', cause });
    }
  };

  for (const format of FORMATS) {
    const discovery = endpoint(
      createRoute({
        method: 'get',
        path: `${OPEN311_ROOT}/discovery.${format}`,
        tags,
        summary: 'Where the endpoints of Open311 are',
        responses: { 200: answers('The discovery document', 'object') },
      }),
      (c) =>
        send(
          c,
          format,
          writeOne(format, 'discovery', {
            changeset: CHANGESET,
            contact: '12345',
            key_service: 'api_key is a token of this service; the public needs none',
            endpoints: [
              {
                specification: 'http://wiki.open311.org/GeoReport_v2',
                url: `${originOf(c)}${OPEN311_ROOT}`,
                changeset: CHANGESET,
                type: 'production',
                formats: ['application/json', 'text/xml'],
              },
            ],
          }),
        ),
    );

    const services = endpoint(
      createRoute({
        method: 'get',
        path: `${OPEN311_ROOT}/services.${format}`,
        tags,
        summary: 'Kinds of requests',
        request: { query: z.object({ jurisdiction_id: Jurisdiction }) },
        responses: { 200: answers('The services'), 404: errors('jurisdiction_id was not found') },
      }),
      (c) => {
        checkJurisdiction(c.req.valid('query').jurisdiction_id);
        return send(c, format, writeList(format, 'services', 'service', categories.map(serviceRow)));
      },
    );

    const list = endpoint(
      createRoute({
        method: 'get',
        path: `${OPEN311_ROOT}/requests.${format}`,
        tags,
        summary: 'Requests of at most 90 days, newest first, at most 1000',
        request: { query: RequestQuery },
        responses: {
          200: answers('The requests'),
          400: errors('a parameter'),
          403: errors('api_key'),
          404: errors('jurisdiction_id'),
        },
      }),
      async (c) => {
        const query = c.req.valid('query');
        checkJurisdiction(query.jurisdiction_id);
        identify(c, query.api_key);
        const ids = listOf('service_request_id', query.service_request_id, /^[1-9]\d{0,14}$/)?.map(Number);
        const { role } = c.var.caller;
        const rows = await listServiceRequests(c.var.services.db.sql, role, {
          limit: MOST_REQUESTS,
          ...(ids === undefined
            ? {
                codes: listOf('service_code', query.service_code, /^[\w-]{1,10}$/),
                states: listOf('status', query.status, /^(open|closed)$/),
                ...spanOf(query, Date.now()),
              }
            : { ids }),
        });
        return send(c, format, writeRequests(format, rows, role));
      },
    );

    const report = endpoint(
      createRoute({
        method: 'post',
        path: `${OPEN311_ROOT}/requests.${format}`,
        tags,
        summary: 'Report an incident as a request for service: anybody may',
        description:
          'Fields of GeoReport v2, as a form (urlencoded or multipart), a JSON object or an XML document. With the header `Idempotency-Key` a repeated request is the same one. Pictures are not taken.',
        request: {
          headers: z.object({ 'idempotency-key': z.string().min(1).max(100).optional() }),
          body: {
            required: true,
            description: 'service_code; lat and long, or address_string; description …',
            content: {
              'application/x-www-form-urlencoded': { schema: { type: 'object' } },
              'multipart/form-data': { schema: { type: 'object' } },
              'application/json': { schema: { type: 'object' } },
              'application/xml': { schema: { type: 'string' } },
            },
          },
        },
        responses: {
          200: answers('The request was known'),
          201: answers('Its number, and a token to ask for it'),
          400: errors('a field is missing or wrong, and is named'),
          403: errors('api_key'),
          404: errors('jurisdiction_id or service_code was not found'),
          422: errors('the place lies outside the district'),
          415: errors('the body is of none of these types'),
          429: errors('too many reports from this address'),
          503: errors('try again with the same Idempotency-Key'),
        },
      }),
      async (c) => {
        const { intake, messages } = c.var.services;
        const contentType = c.req.header('Content-Type') ?? '';
        const body = new Uint8Array(await c.req.arrayBuffer());
        const fields = await readFormFields(contentType, body);
        checkJurisdiction(fields.get('jurisdiction_id') ?? c.req.query('jurisdiction_id'));
        const apiKey = fields.get('api_key') ?? c.req.query('api_key');
        identify(c, apiKey);
        limitReports(c, limit);
        const sender = tokenFingerprint(c.req.header('Authorization') ?? (apiKey ? `Bearer ${apiKey}` : null));
        const own = c.req.valid('header')['idempotency-key'] ?? randomUUID();
        const key = `open311/${sender ?? 'public'}/${own}`;
        const read = readOpen311(fields, { key, token: newToken() });
        c.set('isMessageKept', true);
        const [result] = await receiveMessages({ intake, messages }, [{ read, body: withoutKey(body, fields) }], {
          channel: 'open311',
          sender,
          contentType,
          rename: georeportField,
        });
        if (!result) throw new Error('a request has no result');
        if (result.rejection) throw refused(result.rejection.code, refusal(result.rejection));
        const { id, isNew } = result.stored;
        const row = {
          service_request_id: String(id),
          token: await findToken(intake.sql, key),
          service_notice: fields.has('media_url') ? '图片暂不接收 / Pictures are not taken' : null,
          account_id: fields.get('account_id') ?? null,
        };
        return send(c, format, writeList(format, 'service_requests', 'request', [row]), isNew ? 201 : 200);
      },
    );
    router
      .openapi(discovery.route, discovery.handler)
      .openapi(services.route, services.handler)
      .openapi(list.route, list.handler)
      .openapi(report.route, report.handler);
  }

  const definition = endpoint(
    createRoute({
      method: 'get',
      path: `${OPEN311_ROOT}/services/{code}`,
      tags,
      summary: 'What a kind of request asks for besides: nothing',
      request: {
        params: z.object({ code: last('code', '06010.json') }),
        query: z.object({ jurisdiction_id: Jurisdiction }),
      },
      responses: { 200: answers('The definition', 'object'), 404: errors('service_code was not found') },
    }),
    (c) => {
      checkJurisdiction(c.req.valid('query').jurisdiction_id);
      const { name, format } = splitFormat(c.req.valid('param').code);
      if (!findCategory(name))
        throw new ApiError('ROUTE_NOT_FOUND', `service_code ${name.slice(0, 40)} was not found.`);
      return send(c, format, writeOne(format, 'service_definition', { service_code: name, attributes: [] }));
    },
  );

  const one = endpoint(
    createRoute({
      method: 'get',
      path: `${OPEN311_ROOT}/requests/{id}`,
      tags,
      summary: 'One request',
      request: {
        params: z.object({ id: last('id', '17.json') }),
        query: z.object({ jurisdiction_id: Jurisdiction, api_key: ApiKey }),
      },
      responses: { 200: answers('The request, as a list of one'), 404: errors('service_request_id was not found') },
    }),
    async (c) => {
      const query = c.req.valid('query');
      checkJurisdiction(query.jurisdiction_id);
      identify(c, query.api_key);
      const { name, format } = splitFormat(c.req.valid('param').id);
      const { role } = c.var.caller;
      const rows = /^[1-9]\d{0,14}$/.test(name)
        ? await listServiceRequests(c.var.services.db.sql, role, { ids: [Number(name)], limit: 1 })
        : [];
      if (rows.length === 0)
        throw new ApiError('INCIDENT_NOT_FOUND', `service_request_id ${name.slice(0, 40)} was not found.`);
      return send(c, format, writeRequests(format, rows, role));
    },
  );

  const token = endpoint(
    createRoute({
      method: 'get',
      path: `${OPEN311_ROOT}/tokens/{token}`,
      tags,
      summary: 'The number of the request that a token belongs to',
      request: {
        params: z.object({ token: last('token', 'AbC123.json') }),
        query: z.object({ jurisdiction_id: Jurisdiction }),
      },
      responses: { 200: answers('Number and token'), 404: errors('token was not found') },
    }),
    async (c) => {
      checkJurisdiction(c.req.valid('query').jurisdiction_id);
      const { name, format } = splitFormat(c.req.valid('param').token);
      const id = /^[\w-]{1,64}$/.test(name) ? await findByToken(c.var.services.db.sql, name) : undefined;
      if (id === undefined) throw new ApiError('REPORT_NOT_FOUND', 'token was not found.');
      return send(
        c,
        format,
        writeList(format, 'service_requests', 'request', [{ token: name, service_request_id: String(id) }]),
      );
    },
  );

  return router
    .openapi(definition.route, definition.handler)
    .openapi(one.route, one.handler)
    .openapi(token.route, token.handler);
}

/** GeoReport v2 knows no other codes for a bad report than 400 and, for an unknown kind, 404. */
function refused(code: string, error: ApiError): ApiError {
  if (code === 'UNKNOWN_CATEGORY')
    return new ApiError('ROUTE_NOT_FOUND', error.message.replace(/^category/, 'service_code'));
  return error;
}

/** A token that was sent as `api_key` is a secret, and is not kept with the message. */
function withoutKey(body: Uint8Array, fields: FormFields): Uint8Array {
  const key = fields.get('api_key');
  if (!key) return body;
  return Buffer.from(
    Buffer.from(body).toString('utf8').replaceAll(key, '***').replaceAll(encodeURIComponent(key), '***'),
  );
}
