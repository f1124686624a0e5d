import type { Logger } from 'pino';
import type { Role } from '../../layers/access.ts';
import type { Counter } from '../aggregate/counter.ts';
import { reportInside } from '../analysis/inside.ts';
import { resolveShape, type Shape } from '../analysis/shape.ts';
import type { ShapeInput } from '../analysis/contract.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { Areas } from '../filter/areas.ts';
import { findStaff, STAFF_LAYER } from '../dispatch/field-staff.ts';
import { cardLayers, type CardSection, RESPONSIBLE_LAYERS } from './card-layers.ts';
import { SITUATION_LIMITS, type SituationCard } from './contract.ts';
import { findIncidentsNearby } from './incidents-nearby.ts';
import { findNearby, type NearbyEntry } from './nearby.ts';
import { findResponsible } from './responsible.ts';

interface Services {
  db: Database;
  catalogue: Catalogue;
  counter: Counter;
  areas: Areas;
}

/** What a card is about: an incident and so many metres around it, or any shape. */
export type CardSubject = { incident: Incident; radius: number } | { shape: ShapeInput; category: string | null };

/**
 * Everything that whoever deals with a matter wants to know about its place, in one answer: the sections are read beside
 * each other, each says how long it took, and one that fails leaves the others standing.
 */
export async function makeCard(
  services: Services,
  role: Role,
  subject: CardSubject,
  log: Logger,
  now = new Date(),
): Promise<SituationCard> {
  const started = performance.now();
  const { db, catalogue } = services;
  const incident = 'incident' in subject ? subject.incident : null;
  const input: ShapeInput =
    'incident' in subject
      ? { kind: 'circle', center: [subject.incident.lon, subject.incident.lat], metres: subject.radius }
      : subject.shape;
  const category = 'incident' in subject ? subject.incident.category : subject.category;
  const shape = await resolveShape(services, role, input);
  if (shape.areaM2 > SITUATION_LIMITS.areaKm2 * 1e6) {
    throw new ApiError('LIMIT_EXCEEDED', `shape: is larger than ${SITUATION_LIMITS.areaKm2} km².`, { field: 'shape' });
  }
  const at = input.kind === 'circle' ? input.center : await placeIn(db, shape);
  const entries = new Map((await catalogue.list(role)).map((entry) => [entry.layer.id, entry]));

  const nearby = (section: CardSection): NearbyEntry[] =>
    cardLayers.flatMap((each) => {
      const entry = entries.get(each.layer);
      if (each.section !== section || each.show === 'inside' || entry === undefined || entry.state === null) return [];
      return [{ layer: entry.layer, state: entry.state, nearby: each, isMeasured: each.show === 'crossing' }];
    });
  const around = { ...services, role, shape, at, now };

  const section = async <T extends object>(
    name: string,
    empty: T,
    read: () => Promise<T>,
  ): Promise<T & { ms: number; error: string | null }> => {
    const begun = performance.now();
    const ms = () => Math.round((performance.now() - begun) * 10) / 10;
    try {
      return { ...(await read()), ms: ms(), error: null };
    } catch (error) {
      log.error({ err: error, section: name }, 'a section of the situation card could not be made');
      return { ...empty, ms: ms(), error: error instanceof ApiError ? error.code : 'INTERNAL' };
    }
  };
  const inside = (name: CardSection) =>
    section(name, { items: [] }, async () => {
      const only = new Set(cardLayers.filter((each) => each.section === name).map(({ layer }) => layer));
      return { items: await reportInside(services, role, shape, { now, only }) };
    });
  const near = (name: CardSection) =>
    section(name, { items: [] }, async () => ({ items: await findNearby(around, nearby(name)) }));

  const [people, care, enterprises, risks, facilities, pipes, weather, staff, incidents, responsible] =
    await Promise.all([
      inside('people'),
      inside('care'),
      inside('enterprises'),
      near('risks'),
      near('facilities'),
      near('pipes'),
      near('weather'),
      section('staff', { roads: null, rows: [] }, async () => {
        const found = await findStaff(services, role, at, incident === null ? [] : [incident.grid], now);
        const rows = (found?.staff ?? []).filter(({ onShift }) => onShift).slice(0, SITUATION_LIMITS.staff);
        return {
          roads: found?.roads ?? null,
          rows: rows.map(({ post: _post, skills: _skills, ...each }) => each),
        };
      }),
      section('incidents', { open: 0, past: 0, sameCategory: 0, days: SITUATION_LIMITS.days, rows: [] }, () =>
        findIncidentsNearby(db, role, { shape, at, category, except: incident?.id ?? null, now }),
      ),
      section('responsible', { grids: [], communities: [], towns: [], staff: [], departments: [] }, () =>
        findResponsible(services, role, incident === null ? { shape } : { grid: incident.grid }, category),
      ),
    ]);

  const wanted = [
    ...cardLayers.map(({ layer, section: name }) => ({ layer, section: name as string })),
    { layer: STAFF_LAYER, section: 'staff' },
    ...[RESPONSIBLE_LAYERS.grid, RESPONSIBLE_LAYERS.community, RESPONSIBLE_LAYERS.town].map((layer) => ({
      layer,
      section: 'responsible',
    })),
  ];
  const { kind, geometry, areaM2, bbox, simplifiedMetres } = shape;
  return {
    shape: { kind, geometry: { ...geometry }, areaM2, bbox, simplifiedMetres },
    at,
    radius: input.kind === 'circle' ? input.metres : null,
    category,
    madeAt: now.toISOString(),
    people,
    care,
    enterprises,
    risks,
    facilities,
    pipes,
    weather,
    staff,
    incidents,
    responsible,
    missing: wanted.flatMap(({ layer, section: name }) => {
      const entry = entries.get(layer);
      return entry === undefined || entry.state !== null ? [] : [{ layer, title: entry.layer.title, section: name }];
    }),
    ms: Math.round((performance.now() - started) * 10) / 10,
  };
}

/** A place in the shape. */
async function placeIn({ sql }: Database, shape: Shape): Promise<[number, number]> {
  const [row] = await sql<[{ lon: number; lat: number }]>`
    select st_x(p) as lon, st_y(p) as lat
    from (select st_pointonsurface(st_setsrid(st_geomfromgeojson(${JSON.stringify(shape.geometry)}::text), 4326)) as p) r`;
  return [row.lon, row.lat];
}
