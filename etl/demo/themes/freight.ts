import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { type FreightCompany, freightCompanies } from '../freight-companies.ts';
import { TODAY, morning } from '../moment.ts';
import { dayText } from '../people.ts';
import { makePlate } from '../plates.ts';
import { createRandom } from '../random.ts';
import { rounded } from '../rounded.ts';
import { traffic } from '../traffic.ts';
import { type Theme, listed } from './delivery.ts';
import { everyFew } from './block-choice.ts';
import { shrunk } from './parcels.ts';
import { middling, stemOf } from './sites.ts';

function companies(context: Context): Row[] {
  const random = createRandom(context.seed, 'freight licences');
  return freightCompanies(context).map(({ licence, firm, scope, vehicles }) => {
    const draw = random.next();
    const high = scope === 'hazmat' ? 0.4 : 0.06;
    return row(
      {
        licence_no: licence,
        uscc: firm.uscc,
        name: firm.name,
        scope,
        vehicles,
        risk_level: draw < high ? 'high' : draw < high + 0.3 ? 'medium' : 'low',
        valid_until: dayText(TODAY + random.int(-30, 1400)),
      },
      pointShape(firm.at),
    );
  });
}

/** On wide roads only: the town keeps tankers out of its lanes; those in the old town set off an alarm. */
function* hazmatVehicles(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'hazmat vehicles');
  const carriers = freightCompanies(context).filter((company) => company.scope === 'hazmat');
  const place = traffic(
    context,
    (road) => ({ motorway: 6, trunk: 4, primary: 2, secondary: 1 } as Record<string, number>)[road.class] ?? 0,
  );
  const total = carriers.length > 0 ? middling(860, context.scale) : 0;
  for (let n = 1; n <= total; n++) {
    const { at, road, bearing } = place(random);
    const isMoving = random.chance(0.8);
    const limit = road.class === 'motorway' ? 80 : 60;
    const isSpeeding = isMoving && random.chance(0.03);
    const cargo = random.pick(['petrol', 'petrol', 'petrol', 'lpg', 'acid', 'paint', 'paint', 'gas', 'empty', 'empty']);
    const isInOldTown = Math.hypot(at[0] - 4360, at[1] - 4650) < 1500;
    yield row(
      {
        terminal_no: `WX${pad(n, 6)}`,
        plate_no: makePlate(random),
        licence_no: (random.pick(carriers) as FreightCompany).licence,
        cargo,
        speed_kmh: isMoving
          ? rounded(isSpeeding ? random.between(limit + 5, limit + 18) : random.between(12, limit), 1)
          : 0,
        bearing,
        alarm: isSpeeding
          ? 'overspeed'
          : isInOldTown && cargo !== 'empty'
            ? 'no_entry'
            : random.chance(0.03)
              ? random.pick(['fatigue', 'off_route', 'leak'])
              : 'none',
        reported_at: morning(random.int(0, 2)),
      },
      pointShape(at),
    );
  }
}

function parks(context: Context): Row[] {
  const random = createRandom(context.seed, 'logistics parks');
  return everyFew(context, 42, (block) => block.use === 'factory' && block.area > 32_000).map(({ block }, i) => {
    const town = context.district.towns[block.town]?.name;
    const kind = random.pick(
      town === '南庄镇' || town === '石湾镇街道'
        ? ['ceramics', 'ceramics', 'general', 'express']
        : ['general', 'express', 'express', 'cold'],
    );
    const suffix =
      { ceramics: '陶瓷物流园', general: '物流园', express: '快递分拨中心', cold: '冷链物流中心' }[kind] ?? '物流园';
    const area = block.area * 0.72 ** 2;
    return row(
      {
        park_no: `WL${pad(i + 1, 3)}`,
        name: `${stemOf(context, block)}${suffix}`,
        kind,
        area_m2: rounded(area, 1),
        storage_m2: Math.round(area * random.between(0.35, 0.7)),
        operators: random.int(4, Math.max(5, Math.round(area / 900))),
      },
      polygonShape(shrunk(block, 0.72)),
    );
  });
}

/** Hauliers, where they load, and their tankers on the road. */
export const freight: Theme = {
  freight_company: (context) => listed(companies(context)),
  hazmat_vehicle_position: (context) => ({ expected: middling(860, context.scale), rows: hazmatVehicles(context) }),
  logistics_park: (context) => listed(parks(context)),
};
