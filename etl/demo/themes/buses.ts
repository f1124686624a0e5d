import { busNetwork } from '../bus-network.ts';
import { type Context, lineShape, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { morning } from '../moment.ts';
import { makePlate } from '../plates.ts';
import { pointAlong } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { heading } from '../roadside.ts';
import { rounded } from '../rounded.ts';
import { bearing } from '../traffic.ts';
import { type Theme, listed } from './delivery.ts';
import { middling } from './sites.ts';

const HEADWAY = { trunk: [6, 12], branch: [10, 20], micro: [12, 30], night: [30, 60] } as const;

function routeRows(context: Context): Row[] {
  const random = createRandom(context.seed, 'bus routes');
  return busNetwork(context).routes.map(({ id, name, direction, kind, line, length, stops }) => {
    const [least, most] = HEADWAY[kind];
    const isNight = kind === 'night';
    return row(
      {
        route_id: id,
        short_name: name,
        direction,
        kind,
        operator: random.pick(['佛山市公共交通管理有限公司', '禅城公汽运输有限公司', '佛山汽运集团公交分公司']),
        from_stop: stops[0]?.name ?? null,
        to_stop: stops.at(-1)?.name ?? null,
        stops: stops.length,
        first_bus: isNight ? '22:30' : `0${random.pick([5, 6, 6])}:${random.pick(['00', '15', '30', '45'])}`,
        last_bus: isNight ? '05:30' : `${random.int(20, 23)}:${random.pick(['00', '30'])}`,
        headway_min: random.int(least, most),
        length_km: rounded(length / 1000, 2),
      },
      lineShape(line),
    );
  });
}

/** Under way on their routes, more of them where buses come often; fuller towards the middle of town. */
function* positions(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'buses');
  // At eight in the morning the night buses are in the depot.
  const routes = busNetwork(context).routes.filter((route) => route.kind !== 'night');
  const pick = weightedPicker(
    routes.map((route) => route.length / { trunk: 9, branch: 15, micro: 21, night: 45 }[route.kind]),
  );
  const total = middling(2100, context.scale);
  for (let n = 1; n <= total;) {
    const route = routes[pick(random)] as (typeof routes)[number];
    const { point, angle } = pointAlong(route.line, route.length * random.between(0.01, 0.99));
    const at = [point[0] + Math.sin(angle) * 4, point[1] - Math.cos(angle) * 4] as const;
    if (!context.isInDistrict(at)) continue;
    const isAtStop = random.chance(0.22);
    const draw = random.next() + (Math.hypot(at[0] - 4360, at[1] - 4650) < 3500 ? 0.25 : 0);
    yield row(
      {
        vehicle_id: `GJ${pad(n, 5)}`,
        plate_no: makePlate(random),
        route_id: route.id,
        short_name: route.name,
        speed_kmh: isAtStop ? 0 : rounded(random.between(8, 42), 1),
        bearing: bearing(angle),
        occupancy: draw < 0.5 ? 'seats' : draw < 0.95 ? 'standing' : 'full',
        reported_at: morning(random.int(0, 1)),
      },
      pointShape(at),
    );
    n += 1;
  }
}

/** Bus stops, routes and the buses on them. */
export const buses: Theme = {
  bus_stop: (context) =>
    listed(
      busNetwork(context).stops.map((stop) =>
        row(
          {
            stop_id: stop.id,
            name: stop.name,
            direction: heading(stop.angle),
            routes: stop.routes,
            shelter: stop.shelter,
          },
          pointShape(stop.at),
        ),
      ),
    ),
  bus_route: (context) => listed(routeRows(context)),
  bus_position: (context) => ({ expected: middling(2100, context.scale), rows: positions(context) }),
};
