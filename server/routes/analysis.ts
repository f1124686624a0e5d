import { createRoute, z } from '@hono/zod-openapi';
import { bufferOf } from '../analysis/buffer.ts';
import {
  BufferAnswer,
  BufferInput,
  CorrelationAnswer,
  CoverageAnswer,
  CoverageInput,
  ReachAnswer,
  ReachInput,
  RouteAnswer,
  RouteInput,
  CorrelationInput,
  HotspotAnswer,
  HotspotInput,
  InsideReport,
  NearestAnswer,
  NearestInput,
  ShapeInput,
} from '../analysis/contract.ts';
import { correlate, findHotspots } from '../analysis/hotspot.ts';
import { reportInside } from '../analysis/inside.ts';
import { findNearest } from '../analysis/nearest.ts';
import { resolveShape } from '../analysis/shape.ts';
import { findCoverage, findReach, routeThrough } from '../analysis/travel.ts';
import { failure, json } from './parameters.ts';
import { endpoint } from './router.ts';

/** A body, for the contract. */
export function body<T>(schema: T) {
  return { body: { required: true, content: { 'application/json': { schema } } } };
}

export const ANALYSIS_FAILURES = {
  400: failure('BODY_INVALID, BODY_MALFORMED, FILTER_INVALID, PARAMETER_INVALID'),
  404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND, FEATURE_NOT_FOUND'),
  422: failure('LIMIT_EXCEEDED'),
};

export const readInside = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/inside',
    tags: ['analysis'],
    summary: 'Who and what is inside a shape',
    description:
      'People by age and sex, care groups, households, buildings, enterprises, risks, facilities, networks, land, and who is responsible: what each layer tells is in its definition. Counts of personal layers are withheld (null) as everywhere.',
    request: body(z.strictObject({ shape: ShapeInput })),
    responses: { 200: json(InsideReport, 'The report'), ...ANALYSIS_FAILURES },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const shape = await resolveShape(c.var.services, role, c.req.valid('json').shape);
    const items = await reportInside(c.var.services, role, shape);
    const { kind, geometry, areaM2, bbox, simplifiedMetres } = shape;
    return c.json({ shape: { kind, geometry: { ...geometry }, areaM2, bbox, simplifiedMetres }, items }, 200);
  },
);

export const makeBuffer = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/buffer',
    tags: ['analysis'],
    summary: 'Everything within so many metres of a shape or of rows of a layer',
    description: 'Geodesic. `dissolve` makes one area of all of them.',
    request: body(BufferInput),
    responses: { 200: json(BufferAnswer, 'The areas'), ...ANALYSIS_FAILURES },
  }),
  async (c) => {
    const { of, metres, dissolve } = c.req.valid('json');
    return c.json(await bufferOf(c.var.services, c.var.caller.role, of, metres, dissolve), 200);
  },
);

export const readNearest = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/nearest',
    tags: ['analysis'],
    summary: 'The nearest rows of a layer to a place, a feature, or each row of another layer',
    description: 'Distances are geodesic metres, to the nearest edge of shapes. A row is not its own neighbour.',
    request: body(NearestInput),
    responses: { 200: json(NearestAnswer, 'For each start its neighbours, the nearest first'), ...ANALYSIS_FAILURES },
  }),
  async (c) => {
    const { from, to, count, maxMetres } = c.req.valid('json');
    return c.json(await findNearest(c.var.services, c.var.caller.role, from, to, count, maxMetres), 200);
  },
);

export const readHotspots = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/hotspot',
    tags: ['analysis'],
    summary: 'Clusters of high and low values among micro-grids or communities',
    description:
      "Getis-Ord Gi* or local Moran's I of counts, or of counts per rows of another layer, with global Moran's I. Cells whose count is withheld take no part.",
    request: body(HotspotInput),
    responses: { 200: json(HotspotAnswer, 'The statistics, cell by cell'), ...ANALYSIS_FAILURES },
  }),
  async (c) => c.json(await findHotspots(c.var.services, c.var.caller.role, c.req.valid('json')), 200),
);

export const readCorrelation = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/correlation',
    tags: ['analysis'],
    summary: 'How far the numbers of two layers go together from cell to cell',
    request: body(CorrelationInput),
    responses: { 200: json(CorrelationAnswer, 'The coefficients and the cells'), ...ANALYSIS_FAILURES },
  }),
  async (c) => c.json(await correlate(c.var.services, c.var.caller.role, c.req.valid('json')), 200),
);

export const readReach = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/reach',
    tags: ['analysis'],
    summary: 'The area that is reached along the roads within so many minutes',
    request: body(ReachInput),
    responses: { 200: json(ReachAnswer, 'The areas, the largest first'), ...ANALYSIS_FAILURES },
  }),
  async (c) => c.json(await findReach(c.var.services, c.var.caller.role, c.req.valid('json')), 200),
);

export const readRoute = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/route',
    tags: ['analysis'],
    summary: 'The fastest way along the roads through some points',
    request: body(RouteInput),
    responses: { 200: json(RouteAnswer, 'The way'), ...ANALYSIS_FAILURES },
  }),
  async (c) => {
    const { points, mode } = c.req.valid('json');
    return c.json(await routeThrough(c.var.services, c.var.caller.role, points, mode), 200);
  },
);

export const readCoverage = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/coverage',
    tags: ['analysis'],
    summary: "The share of each micro-grid's roads that rows of a layer reach in time",
    description: 'Of grid staff on duty, for one: who is where within ten minutes.',
    request: body(CoverageInput),
    responses: { 200: json(CoverageAnswer, 'The shares'), ...ANALYSIS_FAILURES },
  }),
  async (c) => {
    const { from, mode, minutes } = c.req.valid('json');
    return c.json(await findCoverage(c.var.services, c.var.caller.role, from, mode, minutes), 200);
  },
);
