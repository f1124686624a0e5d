import { expect, test } from 'vitest';
import { busNetwork } from '../../../etl/demo/bus-network.ts';
import { createContext } from '../../../etl/demo/context.ts';
import { lineDistance, separation } from '../../../etl/demo/plane.ts';
import { buses } from '../../../etl/demo/themes/buses.ts';

const context = createContext(0.01, 1);
const { stops, routes } = busNetwork(context);

test('routes are pieces of streets put together: no step leaves the streets', () => {
  expect(routes.length).toBeGreaterThan(280);
  const sides = new Set(
    context.roads.flatMap((road) =>
      road.line.slice(1).map((b, i) => {
        const a = road.line[i] as (typeof road.line)[number];
        return [`${a}`, `${b}`].toSorted().join(' ');
      }),
    ),
  );
  for (const { name, line } of routes) {
    const strange = line.slice(1).filter((b, i) => !sides.has([`${line[i]}`, `${b}`].toSorted().join(' ')));
    expect(strange, name).toEqual([]);
  }
});

test('a bus passes its stops at the kerb, in the direction the stop is for', () => {
  for (const { name, line, stops: served } of routes) {
    expect(served.length, name).toBeGreaterThan(1);
    for (const stop of served) expect(lineDistance(stop.at[0], stop.at[1], line), name).toBeLessThan(30);
  }
  // The way back serves the other side of the street: hardly any stop is served in both directions.
  for (let i = 0; i < routes.length; i += 2) {
    const back = new Set(routes[i + 1]?.stops);
    expect(routes[i]?.stops.filter((stop) => back.has(stop))).toEqual([]);
  }
});

test('the number of routes at a stop is the number of routes that serve it', () => {
  for (const stop of stops) expect(stop.routes).toBe(routes.filter((route) => route.stops.includes(stop)).length);
  expect(Math.min(...stops.map((stop) => stop.routes))).toBe(1);
  expect(stops.length).toBeGreaterThan(1500);
});

test('buses are on the line of their route', () => {
  const byId = new Map(routes.map((route) => [route.id, route]));
  const { rows } = buses.bus_position?.(context) ?? { rows: [] };
  let n = 0;
  for (const { values } of rows) {
    n += 1;
    expect(byId.get(String(values.route_id))?.name).toBe(values.short_name);
    expect(byId.get(String(values.route_id))?.kind).not.toBe('night');
  }
  expect(n).toBe(210);
});

test('both ends of a route lie apart', () => {
  for (const { line } of routes) expect(separation(line[0] as never, line.at(-1) as never)).toBeGreaterThan(400);
});
