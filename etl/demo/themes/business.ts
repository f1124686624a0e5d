import { type Context, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { FULL_SCALE } from '../people.ts';
import type { Theme } from './delivery.ts';

function* enterprises(context: Context): Generator<Row> {
  for (const e of context.enterprises()) {
    yield row(
      {
        uscc: e.uscc,
        name: e.name,
        legal_person: e.legalPerson,
        reg_capital_10k: e.capital10k,
        industry_code: e.industryCode,
        industry_section: e.section,
        established_on: e.establishedOn,
        status: e.status,
        address: `${context.addressOf(e.building)}${e.building.floors > 2 ? `${e.room}房` : '首层'}`,
      },
      pointShape(e.at),
    );
  }
}

/** Firms with their registered place. */
export const business: Theme = {
  enterprise: (context) => ({ expected: FULL_SCALE.enterprises * context.scale, rows: enterprises(context) }),
};
