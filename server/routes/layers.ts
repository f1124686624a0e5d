import { suppress } from '../aggregate/suppress.ts';
import { createRoute } from '@hono/zod-openapi';
import { kAnonymity, maskedFields, type Role } from '../../layers/access.ts';
import { classes } from '../../layers/classes.ts';
import { departments } from '../../layers/departments.ts';
import type { Layer, Text } from '../../layers/define.ts';
import { legendFieldOf, legendOf } from '../../layers/legend.ts';
import { sensorOf } from '../../layers/sensor.ts';
import type { RasterPicture } from '../../layers/raster.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { LayerDetail, LayerList, type LayerSummary } from '../contract/layers.ts';
import { freshnessOf } from '../quality/freshness.ts';
import { stylesOf } from '../raster/paint.ts';
import { hasLabels, labelField, maxzoomOf, minzoomOf, tileFields } from '../tiles/layer-tile.ts';
import { answerBytes } from './answer-cache.ts';
import { entityTag, hasCurrent, notModified } from './cache.ts';
import { failure, json, LayerId, NOT_MODIFIED } from './parameters.ts';
import { endpoint } from './router.ts';

/** For uploaded layers, which may belong to nobody of the catalogue. */
function untitled(id: string): Text {
  return { zh: id, en: id };
}

function summaryOf({ layer, state, isUserLayer }: CatalogueEntry, role: Role): LayerSummary {
  const layerClass = classes[layer.class];
  const sensor = sensorOf(layer);
  return {
    id: layer.id,
    title: layer.title,
    department: { id: layer.department, title: departments[layer.department]?.title ?? untitled(layer.department) },
    class: { id: layer.class, title: layerClass?.title ?? untitled(layer.class) },
    subclass: { id: layer.subclass, title: layerClass?.subclasses[layer.subclass]?.title ?? untitled(layer.subclass) },
    geometry: layer.geometry,
    sensitivity: layer.sensitivity,
    minzoom: minzoomOf(layer),
    maxzoom: maxzoomOf(layer),
    symbology: layer.symbology,
    icon: layer.icon ?? null,
    tileLabel: tileLabelOf(layer, role),
    legend: legendOf(layer),
    legendField: legendFieldOf(layer),
    count: state?.rows ?? null,
    // The whole less what lies in areas would tell of the one area whose count is withheld with it.
    unlocated: state === null ? null : suppress([], state.unlocated, kAnonymity(role, layer)).unlocated,
    bbox: state?.bbox ?? null,
    load: state === null ? null : { id: state.loadId, at: state.publishedAt.toISOString() },
    freshness: freshnessOf(layer, state?.confirmedAt ?? null),
    freshnessHours: layer.freshnessHours,
    raster: rasterOf(layer, state?.pictures ?? null),
    sensor: sensor === undefined ? null : { metrics: [...sensor.metrics], everyMinutes: sensor.everyMinutes },
    moving: layer.moving === undefined ? null : { everySeconds: layer.moving.everySeconds },
    user: isUserLayer,
  };
}

/** Names of polygons travel in a tile layer of their own, whatever else the tiles carry. */
function tileLabelOf(layer: Layer, role: Role): string | null {
  const { label } = layer;
  if (label === undefined) return null;
  const isInTiles = hasLabels(layer)
    ? labelField(layer, role) !== null
    : tileFields(layer, role).some(([name]) => name === label);
  return isInTiles ? label : null;
}

function rasterOf(layer: Layer, pictures: readonly RasterPicture[] | null): LayerSummary['raster'] {
  const [first] = pictures ?? [];
  if (pictures === null || first === undefined) return null;
  return {
    kind: first.kind,
    times: pictures.flatMap(({ time }) => time ?? []),
    styles: [...stylesOf(layer, first)],
    resolution: Math.min(...pictures.map(({ resolution }) => resolution)),
  };
}

function detailOf(entry: CatalogueEntry, role: Role): LayerDetail {
  const { layer } = entry;
  const masked = new Set(maskedFields(layer, role));
  return {
    ...summaryOf(entry, role),
    fields: Object.entries(layer.fields).map(([name, field]) => ({
      name,
      type: field.type,
      title: field.title,
      ...(field.unit === undefined ? {} : { unit: field.unit }),
      filterable: field.filterable === true,
      masked: masked.has(name),
      ...(field.values === undefined ? {} : { values: field.values }),
    })),
    label: layer.label ?? null,
    key: layer.key,
    cadence: layer.cadence,
    source: { format: layer.source.format, crs: layer.source.crs, url: layer.source.url ?? null },
  };
}

/** Answers change with loads and with time (freshness), so the tag is made of the answer. */
function tagged(body: string): Record<string, string> {
  return {
    ETag: entityTag(body),
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept-Encoding, Authorization',
  };
}

interface MadeList {
  body: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

/** What is said of a list of the catalogue: describing hundreds of layers takes longer than sending it. */
const made = new WeakMap<readonly CatalogueEntry[], MadeList>();

function describe(entries: readonly CatalogueEntry[], role: Role): MadeList {
  let list = made.get(entries);
  if (list === undefined) {
    const answer: { layers: LayerSummary[] } = { layers: entries.map((entry) => summaryOf(entry, role)) };
    const text = JSON.stringify(answer);
    made.set(entries, (list = { body: new Uint8Array(Buffer.from(text)), headers: tagged(text) }));
  }
  return list;
}

export const listLayers = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers',
    tags: ['layers'],
    summary: 'The layers the caller may see, and what is live of each',
    responses: { 200: json(LayerList, 'The layers, in the order of the catalogue'), 304: NOT_MODIFIED },
  }),
  async (c) => {
    const { catalogue } = c.var.services;
    const { role } = c.var.caller;
    const { body, headers } = describe(await catalogue.list(role), role);
    if (hasCurrent(c, headers['ETag'] ?? '')) return notModified(c, headers);
    return answerBytes(c, headers, 'application/json', async () => body);
  },
);

export const readLayer = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}',
    tags: ['layers'],
    summary: 'One layer with its fields',
    request: { params: LayerId },
    responses: {
      200: json(LayerDetail, 'The layer'),
      304: NOT_MODIFIED,
      404: failure('LAYER_NOT_FOUND: it does not exist, or the caller may not see it'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const entry = await c.var.services.catalogue.get(c.req.valid('param').id, role);
    const body = detailOf(entry, role);
    const headers = tagged(JSON.stringify(body));
    return hasCurrent(c, headers.ETag ?? '') ? notModified(c, headers) : c.json(body, 200, headers);
  },
);
