import { createRoute, z } from '@hono/zod-openapi';
import { kAnonymity } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import { suppress } from '../aggregate/suppress.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { WhyNumber } from '../contract/counts.ts';
import type { Sql } from '../db/connect.ts';
import { layersOfAreas, predicateKey } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import { freshnessOf } from '../quality/freshness.ts';
import { titleOf } from '../quality/quality-of.ts';
import { findOrigin, type LoadOrigin } from '../queries/lineage.ts';
import { listCodeTitles } from '../queries/loads.ts';
import { countRejects } from '../queries/rejects.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { requireTable } from './features.ts';
import {
  BboxParameter,
  failure,
  FilterLangParameter,
  FilterParameter,
  json,
  LayerId,
  NOT_MODIFIED,
} from './parameters.ts';
import { shownMadeOf } from '../results/shown-made-of.ts';
import { endpoint } from './router.ts';

const HOUR_MS = 3_600_000;

type Source = NonNullable<WhyNumber['evidence']>['sources'][number];

function sourceOf(kind: Source['kind'], layer: Layer, origin: LoadOrigin): Source {
  return {
    kind,
    layer: layer.id,
    title: layer.title,
    load: origin.load,
    file: origin.file,
    sha256: origin.sha256,
    deliveredAt: origin.startedAt.toISOString(),
  };
}

/** The files a number rests on: that of its rows, and those of the layers by which the rows were placed and checked. */
async function listSources(
  sql: Sql,
  layer: Layer,
  origin: LoadOrigin,
  entries: readonly CatalogueEntry[],
): Promise<Source[]> {
  const sources = [sourceOf('rows', layer, origin)];
  const kindOf = (id: string): Source['kind'] =>
    layer.place?.layer === id
      ? 'place'
      : layer.checks.references?.some((reference) => reference.layer === id)
        ? 'reference'
        : 'address';
  const wanted: [Source['kind'], string, number | null][] = [
    ...(origin.madeOf?.inputs ?? []).flatMap((input): [Source['kind'], string, number | null][] =>
      input.layer === undefined ? [] : [['input', input.layer, input.load ?? null]],
    ),
    ['grid', 'governance_grid', origin.grid],
    ...Object.entries(origin.links).map(([id, load]): [Source['kind'], string, number | null] => [
      kindOf(id),
      id,
      load,
    ]),
  ];
  for (const [kind, id, load] of wanted) {
    // Of a layer that the caller may not see he does not learn that it is there.
    const target = entries.find((entry) => entry.layer.id === id)?.layer;
    if (load === null || target === undefined || sources.some((source) => source.layer === id)) continue;
    const found = await findOrigin(sql, load);
    if (found !== null) sources.push(sourceOf(kind, target, found));
  }
  return sources;
}

/** The condition as it was asked: JSON as what it says, CQL2 as text. */
function asAsked(filter: string): unknown {
  return filter.trimStart().startsWith('{') ? (JSON.parse(filter) as unknown) : filter;
}

export const readWhy = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/why',
    tags: ['history'],
    summary: 'Why this number: what a count of rows rests on, down to the files',
    description:
      'The rows a filter matches, what was not counted and why, how fresh it is, and the files it was made of. The records are those of `/features` with the same filter, each with its line of the file at `/features/{fid}/lineage`.',
    request: {
      params: LayerId,
      query: z.object({
        filter: FilterParameter,
        'filter-lang': FilterLangParameter,
        bbox: BboxParameter,
        at: AtParameter,
      }),
    },
    responses: {
      200: json(WhyNumber, 'What the number rests on'),
      304: NOT_MODIFIED,
      400: failure('FILTER_INVALID, PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
      410: failure('VERSION_GONE'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, counter, db } = c.var.services;
    const query = c.req.valid('query');
    const at = parseAt(query.at);
    const { layer, state } = await catalogue.getAsOf(c.req.valid('param').id, role, at);
    requireTable(layer);
    const filterLang = query['filter-lang'];
    const predicate = await readPredicate(c.var.services, layer, { ...query, filterLang, at, role, shows: 'counts' });
    const k = kAnonymity(role, layer);
    const now = at ?? new Date();
    const freshness = freshnessOf(layer, state?.confirmedAt ?? null, now.getTime());
    const age =
      state === null ? null : Math.max(0, Math.floor((now.getTime() - state.confirmedAt.getTime()) / HOUR_MS));
    const entries = await catalogue.list(role);
    const tag = entityTag(
      'why',
      layer.id,
      state?.loadId ?? 0,
      predicateKey(predicate),
      query.filter ?? '',
      role,
      freshness,
      age ?? '',
      state?.confirmedAt.toISOString() ?? '',
    );
    const headers = cacheHeaders([layer, ...layersOfAreas(predicate)], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);

    const base = {
      layer: layer.id,
      title: layer.title,
      department: layer.department,
      filter: query.filter === undefined ? null : asAsked(query.filter),
      bbox: query.bbox ?? null,
      freshness: { verdict: freshness, ageHours: age, limitHours: layer.freshnessHours },
    };
    const origin = state === null ? null : await findOrigin(db.sql, state.loadId);
    if (state === null || origin === null) return c.json({ ...base, evidence: null }, 200, headers);
    const [found, rejects, titles, sources] = await Promise.all([
      counter.cells(layer, state, predicate, 'town'),
      countRejects(db.sql, state.loadId),
      listCodeTitles(db.sql),
      listSources(db.sql, layer, origin, entries),
    ]);
    const located = found.counts.reduce((sum, count) => sum + count, 0);
    // As any other count: what is too small to be told is withheld, and so is what it could be found by.
    const shown = suppress([located], found.outside, k);
    const evidence = {
      load: origin.load,
      deliveredAt: origin.startedAt.toISOString(),
      publishedAt: origin.validFrom?.toISOString() ?? null,
      confirmedAt: state.confirmedAt.toISOString(),
      counted: shown.total,
      unlocated: shown.unlocated,
      k: shown.suppressed.k,
      rows: {
        in: origin.rows.in,
        accepted: origin.rows.accepted,
        repaired: origin.rows.repaired,
        quarantined: origin.rows.quarantined,
        // Nothing may be found by subtraction.
        unmatched: shown.total === null ? null : origin.rows.accepted - shown.total,
      },
      rejects: rejects.map(({ code, count }) => ({ code, title: titleOf(titles, code), count })),
      sources,
      madeOf: shownMadeOf(origin.madeOf, entries),
    };
    return c.json({ ...base, evidence }, 200, headers);
  },
);
