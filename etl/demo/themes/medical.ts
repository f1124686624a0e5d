import { type Context, pad, pointShape, row } from '../context.ts';
import { doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { TODAY, morning } from '../moment.ts';
import { brandName } from '../names.ts';
import { dayText } from '../people.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { busyness, roadside } from '../roadside.ts';
import { type Neighbour, deliveredRows, nearestRow } from './delivered-rows.ts';
import { type Theme, listed } from './delivery.ts';
import { services } from './services.ts';
import { buildingsWhere, middling, siteNear, stemOf } from './sites.ts';

/** People of each micro-grid go to the centre nearest to its middle. */
function healthCenters(context: Context): Row[] {
  const random = createRandom(context.seed, 'health centres');
  const sites: Neighbour[] = siteNear(
    context,
    86,
    (b) => ['public', 'village', 'estate', 'mixed', 'old_town'].includes(b.use),
    random,
  ).map(({ at, block }, i) => ({ at, values: { index: i, stem: stemOf(context, block) } }));
  const served = new Int32Array(sites.length);
  context.district.grids.forEach((grid, g) => {
    const index = Number(nearestRow(sites, grid.inner).values.index);
    served[index] = (served[index] ?? 0) + (context.perGrid.persons[g] ?? 0);
  });
  return sites.map(({ at, values }, i) => {
    const people = served[i] ?? 0;
    // A doctor of the full district looks after some 1,100 people; in a small one each stands for more of them.
    const doctors = Math.max(1, Math.round(people / context.scale / 1100));
    const kind = i < 24 ? 'center' : 'station';
    return row(
      {
        org_code: `SQ440604${pad(i + 1, 3)}`,
        name: `${String(values.stem)}社区卫生服务${kind === 'center' ? '中心' : '站'}`,
        kind,
        doctors: Math.min(300, doctors + (kind === 'center' ? random.int(8, 20) : 0)),
        service_population: people,
        contracted: Math.round(people * random.between(0.3, 0.5)),
        fever_clinic: kind === 'center' && random.chance(0.8),
        phone: makePhone(random),
      },
      pointShape(at),
    );
  });
}

const SUBJECTS: readonly [subject: string, weight: number, names: readonly string[]][] = [
  ['general', 34, ['西医诊所', '综合门诊部', '内科诊所']],
  ['dental', 26, ['口腔诊所', '口腔门诊部']],
  ['tcm', 22, ['中医诊所', '中医馆', '中医门诊部']],
  ['paediatric', 5, ['儿科诊所']],
  ['cosmetic', 6, ['医疗美容诊所', '医疗美容门诊部']],
  ['rehab', 4, ['康复门诊部']],
  ['eye', 3, ['眼科门诊部']],
];

/** In shops of streets where people live; licences run for five years, and a few have run out. */
function clinics(context: Context): Row[] {
  const random = createRandom(context.seed, 'clinics');
  const { list, weights } = buildingsWhere(context, (b) =>
    ['commercial', 'mixed', 'office'].includes(b.usage) ? b.businesses + 0.004 * b.dwellings : 0,
  );
  const pick = weightedPicker(weights);
  const pickSubject = weightedPicker(SUBJECTS.map(([, weight]) => weight));
  return Array.from({ length: middling(920, context.scale) }, (_, i) => {
    const building = list[pick(random)] as (typeof list)[number];
    const [subject, , names] = SUBJECTS[pickSubject(random)] as (typeof SUBJECTS)[number];
    const left = random.int(-60, 1765);
    const title = random.pick(names);
    const stem = random.chance(0.35) ? stemOf(context, context.blockOf(building)) : brandName(random);
    return row(
      {
        org_code: `ZS440604${pad(i + 1, 4)}`,
        name: `禅城${stem}${title}`,
        licence_no: `PDY${pad(440_604_000 + i + 1, 9)}`,
        subject,
        doctors: title.endsWith('门诊部') ? random.int(4, 22) : random.int(1, 4),
        licence_to: dayText(TODAY + left),
        state: left < 0 ? 'expired' : random.chance(0.96) ? 'open' : 'suspended',
      },
      pointShape(doorstep(building, random)),
    );
  });
}

/** Cars wait at the hospital they belong to, or are on the streets around it. */
function ambulances(context: Context): Row[] {
  const random = createRandom(context.seed, 'ambulances');
  const hospitals = deliveredRows(services, 'hospital', context).filter(({ values }) => values.emergency === true);
  const weight = busyness(context);
  const street = roadside(context, (road) => (road.class === 'lane' ? 0 : weight(road)), -3);
  return Array.from({ length: 64 }, (_, i) => {
    const draw = random.next();
    const state =
      draw < 0.62
        ? 'standby'
        : draw < 0.73
          ? 'to_scene'
          : draw < 0.82
            ? 'on_scene'
            : draw < 0.93
              ? 'to_hospital'
              : 'maintenance';
    const isOut = !['standby', 'maintenance'].includes(state);
    const spot = street(random);
    const hospital = isOut ? nearestRow(hospitals, spot.at) : (hospitals[i % hospitals.length] as Neighbour);
    const kind = random.pick(['monitor', 'monitor', 'monitor', 'transport', 'negative']);
    return row(
      {
        vehicle_id: `JH${pad(i + 1, 3)}`,
        // No plate has the letter I: nobody can have this one.
        plate_no: `粤E${random.int(1, 9)}I${pad(random.int(0, 999), 3)}`,
        org_code: hospital.values.org_code ?? null,
        station: hospital.values.name ?? null,
        kind,
        state,
        speed_kmh: state === 'to_scene' || state === 'to_hospital' ? random.int(18, 62) : 0,
        reported_at: morning(random.int(0, 2)),
      },
      pointShape(
        isOut ? spot.at : [hospital.at[0] + random.between(-18, 18), hospital.at[1] + random.between(-18, 18)],
      ),
    );
  });
}

/** Care close to home, and the cars that bring people to hospital. */
export const medical: Theme = {
  community_health_center: (context) => listed(healthCenters(context)),
  clinic: (context) => listed(clinics(context)),
  ambulance_position: (context) => listed(ambulances(context)),
};
