import { careCensus } from '../care-census.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { TODAY, momentText } from '../moment.ts';
import { drawName } from '../names.ts';
import { FULL_SCALE } from '../people.ts';
import type { Point } from '../plane.ts';
import { createRandom } from '../random.ts';
import { type Theme, listed } from './delivery.ts';
import { middling } from './sites.ts';

/** Counted from the generated people of each grid. */
function insurance(context: Context): Row[] {
  const { insured } = careCensus(context);
  return context.district.grids.map((grid, g) => {
    const people = context.perGrid.persons[g] ?? 0;
    const medical = insured.medical[g] ?? 0;
    return row(
      {
        grid_code: grid.code,
        month: '2026-10',
        population: people,
        pension: insured.pension[g] ?? 0,
        medical,
        unemployment: insured.unemployment[g] ?? 0,
        medical_rate: people === 0 ? null : Math.round((medical / people) * 1000) / 10,
      },
      { type: 'Polygon', rings: grid.rings.map((ring) => [...ring, ring[0] as Point]) },
    );
  });
}

/** Workshops, building firms and kitchens fall out with their people more often than offices do. */
const PRONE: Record<string, number> = { C: 2.6, E: 3.2, H: 2, G: 1.6, O: 1.2, F: 0.6, K: 1.2 };

function* disputes(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'labour disputes');
  const total = middling(5200, context.scale);
  // About 1.22 is the mean of the weights over the generated firms.
  const share = total / (FULL_SCALE.enterprises * context.scale * 1.22);
  let n = 0;
  for (const firm of context.enterprises()) {
    const rate = share * (PRONE[firm.section] ?? 0.5) * (firm.status === 'active' ? 1 : 1.3);
    // At small scales a firm has more than one case now and then.
    for (let left = rate; left > 0; left -= 1) {
      if (!random.chance(Math.min(1, left))) continue;
      n += 1;
      const age = Math.floor(365 * random.next());
      const category = random.pick(
        firm.section === 'E'
          ? ['wages', 'wages', 'wages', 'injury', 'contract']
          : firm.section === 'C'
            ? ['wages', 'wages', 'injury', 'injury', 'dismissal', 'overtime', 'insurance']
            : ['wages', 'dismissal', 'dismissal', 'insurance', 'overtime', 'contract'],
      );
      const people = random.chance(category === 'wages' ? 0.18 : 0.04) ? random.int(5, 60) : random.int(1, 3);
      const draw = random.next();
      yield row(
        {
          case_no: `LD${pad(n, 6)}`,
          uscc: firm.uscc,
          enterprise: firm.name,
          category,
          people,
          amount_yuan: Math.round(people * random.between(3, category === 'injury' ? 90 : 34)) * 1000,
          applicant_name: drawName(random.chance(0.6), random),
          applicant_phone: makePhone(random),
          state:
            draw < 0.05
              ? 'withdrawn'
              : age > 75
                ? 'settled'
                : age > 35
                  ? draw < 0.6
                    ? 'settled'
                    : 'arbitration'
                  : age > 4
                    ? 'mediating'
                    : 'received',
          received_at: momentText(TODAY - 1 - age, random.int(510, 1045)),
        },
        pointShape(firm.at),
      );
    }
  }
}

/** Who is insured where, and where work ends in a quarrel. */
export const labour: Theme = {
  social_insurance_grid: (context) => listed(insurance(context)),
  labor_dispute: (context) => ({ expected: middling(5200, context.scale), rows: disputes(context) }),
};
