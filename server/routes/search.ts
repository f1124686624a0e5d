import { isText } from '../is-text.ts';
import { createRoute, z } from '@hono/zod-openapi';
import { maskedFields, maskValue, type Role } from '../../layers/access.ts';
import type { Layer, Text } from '../../layers/define.ts';
import { tokenFingerprint } from '../auth/caller.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { type SearchGroup, type SearchHit, SearchResults } from '../contract/search.ts';
import { ApiError } from '../errors.ts';
import { writeAudit } from '../queries/audit.ts';
import { matchText, readTyped } from '../search/match-text.ts';
import { searchFields } from '../search/search-index.ts';
import { type Hit, pointOf } from '../search/search-segment.ts';
import { entityTag, hasCurrent, notModified } from './cache.ts';
import { failure, json, NOT_MODIFIED } from './parameters.ts';
import { endpoint } from './router.ts';

const DEFAULT_LIMIT = 8;
const LARGEST_LIMIT = 50;

type GroupId = SearchGroup['group'];

const GROUPS: Record<GroupId, Text> = {
  layer: { zh: '图层', en: 'Layers' },
  place: { zh: '地点', en: 'Places' },
  address: { zh: '地址', en: 'Addresses' },
  enterprise: { zh: '企业', en: 'Enterprises' },
  camera: { zh: '摄像头', en: 'Cameras' },
  person: { zh: '人员', en: 'People' },
  record: { zh: '记录', en: 'Records' },
};

function groupOf(layer: Layer): GroupId {
  if (layer.sensitivity === 'personal') return 'person';
  if (layer.subclass === 'address' && layer.address !== undefined) return 'address';
  if (layer.subclass === 'legal_entity') return 'enterprise';
  if (layer.subclass === 'video' || layer.id === 'traffic_camera') return 'camera';
  return layer.geometry === 'table' ? 'record' : 'place';
}

/** What is told by name of a layer that is called as was asked for: hospitals before the signs on which their name stands. */
const ASKED_FOR = 0.3;

/** What a hit counts for being of a kind: towns and roads before one of thousands of shops. */
function weightOf({ layer, state }: CatalogueEntry, typed: ReturnType<typeof readTyped>): number {
  const rows = state?.rows ?? 1;
  const common = Math.log10(Math.max(1, rows)) / 100;
  const titles = [layer.title.zh, layer.title.en].map((title) => matchText(typed, title)?.score ?? 0);
  return (layer.class === 'base_geography' ? 0.03 : 0) - common + ASKED_FOR * Math.max(...titles);
}

const NearParameter = z
  .string()
  .regex(/^-?\d{1,3}(\.\d+)?,-?\d{1,2}(\.\d+)?$/, 'must be lon,lat')
  .transform((text) => text.split(',').map(Number) as [number, number])
  .optional()
  .openapi({ type: 'string', description: 'lon,lat: hits near to it come first', example: '113.10,23.02' });

function toHit(hit: Hit, layer: Layer, role: Role): SearchHit {
  const fields = searchFields(layer);
  const masked = new Set(maskedFields(layer, role));
  const shown = (index: number): string => {
    const name = fields[index] ?? '';
    const mask = layer.fields[name]?.mask;
    const text = hit.texts[index] ?? '';
    return masked.has(name) && mask !== undefined ? (maskValue(mask, text) ?? '') : text;
  };
  const name = fields[hit.field] ?? '';
  const title = shown(0) || shown(hit.field);
  return {
    layer: layer.id,
    layerTitle: layer.title,
    fid: hit.fid,
    title: { zh: title, en: title },
    score: Math.round(hit.score * 1000) / 1000,
    position: hit.place === null ? null : pointOf(hit.place),
    bbox: hit.place?.length === 4 ? (hit.place as [number, number, number, number]) : null,
    // Where in a hidden text the letters stand would tell them.
    match: {
      field: name,
      title: layer.fields[name]?.title ?? { zh: name, en: name },
      text: shown(hit.field),
      range: masked.has(name) ? null : hit.range,
    },
  };
}

/** Layers by their titles, in either language, and by how they are read. */
function layerHits(entries: readonly CatalogueEntry[], text: string, limit: number): SearchHit[] {
  const typed = readTyped(text);
  const hits: SearchHit[] = [];
  for (const { layer, state } of entries) {
    const found = [layer.title.zh, layer.title.en, layer.id]
      .map((title) => ({ title, match: matchText(typed, title) }))
      .toSorted((a, b) => (b.match?.score ?? 0) - (a.match?.score ?? 0))[0];
    if (found?.match == null) continue;
    const { bbox } = state ?? { bbox: null };
    hits.push({
      layer: layer.id,
      layerTitle: layer.title,
      fid: null,
      title: layer.title,
      score: Math.round(found.match.score * 1000) / 1000,
      position: bbox === null ? null : pointOf(bbox),
      bbox,
      match: { field: 'title', title: { zh: '名称', en: 'Title' }, text: found.title, range: found.match.range },
    });
  }
  return hits.toSorted((a, b) => b.score - a.score).slice(0, limit);
}

export const search = endpoint(
  createRoute({
    method: 'get',
    path: '/api/search',
    tags: ['search'],
    summary: 'One box: layers, places, addresses, enterprises, cameras, and with rights people',
    description:
      'Chinese by any part, by pinyin (whole or first letters), with a mistake, addresses with parts missing. People are looked for by staff who give a purpose; they are shown masked and every search is written to the audit.',
    request: {
      query: z.object({
        q: z.string().min(1).max(100).openapi({ example: '人民医院' }),
        limit: z
          .string()
          .regex(/^\d{1,9}$/, 'must be a whole number')
          .transform(Number)
          .optional()
          .openapi({
            type: 'integer',
            description: `Hits per group, default ${DEFAULT_LIMIT}, at most ${LARGEST_LIMIT}`,
          }),
        layers: z
          .string()
          .max(4000)
          .optional()
          .openapi({ description: 'Only these, with commas between', example: 'enterprise,poi' }),
        near: NearParameter,
        purpose: z.string().trim().min(4).max(500).optional().openapi({
          description: 'What people are looked for; without it none are',
          example: '走失老人协查',
        }),
      }),
    },
    responses: {
      200: json(SearchResults, 'The hits in groups, best first'),
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID'),
      403: failure('FORBIDDEN: people are for staff'),
      404: failure('LAYER_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, search: index, db } = c.var.services;
    const { q, near, layers, purpose, ...query } = c.req.valid('query');
    if (!isText(q)) {
      throw new ApiError('PARAMETER_INVALID', 'q: contains a character that is not text', { field: 'q' });
    }
    const limit = Math.min(Math.max(query.limit ?? DEFAULT_LIMIT, 1), LARGEST_LIMIT);
    if (purpose !== undefined && role !== 'staff') {
      throw new ApiError('FORBIDDEN', 'Only staff may look for people.');
    }
    const visible =
      layers === undefined || layers === ''
        ? await catalogue.list(role)
        : await Promise.all(layers.split(',').map((id) => catalogue.get(id.trim(), role)));
    const entries = visible.filter(({ layer }) => layer.sensitivity !== 'personal' || purpose !== undefined);
    const people = entries.filter(({ layer }) => layer.sensitivity === 'personal');
    if (purpose !== undefined) {
      await writeAudit(db.sql, {
        role,
        token: tokenFingerprint(c.req.header('Authorization')),
        action: 'search.people',
        layer: people.length === 1 ? (people[0]?.layer.id ?? '*') : '*',
        load: null,
        purpose,
        detail: { q, layers: people.map(({ layer }) => layer.id).join(',') },
        requestId: c.var.requestId,
      });
    }
    const entryOf = new Map(entries.map((entry) => [entry.layer.id, entry]));
    const hits = await index.search(q, entries, limit, near ?? null);
    const groups = new Map<GroupId, SearchHit[]>([['layer', layerHits(visible, q, limit)]]);
    const typed = readTyped(q);
    const weights = new Map<string, number>();
    for (const hit of hits) {
      const entry = entryOf.get(hit.layer);
      if (entry === undefined) continue;
      const weight = weights.get(hit.layer) ?? weightOf(entry, typed);
      weights.set(hit.layer, weight);
      hit.score += weight;
      const group = groupOf(entry.layer);
      const list = groups.get(group) ?? [];
      list.push(toHit(hit, entry.layer, role));
      groups.set(group, list);
    }
    const body = {
      groups: [...groups]
        .map(([group, list]) => ({
          group,
          title: GROUPS[group],
          hits: list.toSorted((a, b) => b.score - a.score).slice(0, limit),
        }))
        .filter(({ hits }) => hits.length > 0)
        .toSorted((a, b) => (b.hits[0]?.score ?? 0) - (a.hits[0]?.score ?? 0)),
      pending: index.pending(entries),
    };
    if (purpose !== undefined) return c.json(body, 200, { 'Cache-Control': 'no-store' });
    const headers = {
      ETag: entityTag(JSON.stringify(body)),
      'Cache-Control': 'private, no-cache',
      Vary: 'Accept-Encoding, Authorization',
    };
    return hasCurrent(c, headers.ETag) ? notModified(c, headers) : c.json(body, 200, headers);
  },
);
