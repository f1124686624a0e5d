import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import { doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import type { LandUse } from '../land-use.ts';
import { morning } from '../moment.ts';
import { brandName, drawName, estateName } from '../names.ts';
import { policeAreas } from '../police-areas.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { busyness, roadside } from '../roadside.ts';
import { type Neighbour, deliveredRows, nearestRow } from './delivered-rows.ts';
import { type Theme, listed } from './delivery.ts';
import { safety } from './safety.ts';
import { buildingsWhere, stemOf } from './sites.ts';

function policeStations(context: Context): Neighbour[] {
  return deliveredRows(safety, 'police_station', context).filter(({ values }) => values.kind === 'station');
}

const SCENES: Partial<Record<LandUse, { scene: string; owner: string; weight: number }>> = {
  estate: { scene: 'estate', owner: '物业服务中心', weight: 3 },
  commerce: { scene: 'market', owner: '商业管理有限公司', weight: 5 },
  mixed: { scene: 'market', owner: '商户联合会', weight: 1.4 },
  factory: { scene: 'factory', owner: '产业园管理处', weight: 1.5 },
  public: { scene: 'public', owner: '服务中心', weight: 4 },
  park: { scene: 'park', owner: '公园管理处', weight: 12 },
  office: { scene: 'public', owner: '大厦管理处', weight: 4 },
};

/** Cameras of estates, malls, plants and public bodies that have joined the city's platform. */
function* sharedCameras(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'shared cameras');
  const { list, weights } = buildingsWhere(context, (b) => {
    const { use } = context.blockOf(b);
    return (SCENES[use]?.weight ?? 0) * Math.sqrt(b.area);
  });
  const pick = weightedPicker(weights);
  const owners = new Map<number, string>();
  const total = Math.round(8600 * context.scale);
  for (let n = 1; n <= total; n++) {
    const building = list[pick(random)] as (typeof list)[number];
    const block = context.blockOf(building);
    const { scene, owner } = SCENES[block.use] as { scene: string; owner: string };
    // A block belongs to one owner; every fifth public building is a school.
    const isSchool = scene === 'public' && building.usage === 'public' && building.block % 5 === 0;
    const stem = block.use === 'estate' ? estateName(random) : `${stemOf(context, block)}${brandName(random)}`;
    const name = owners.get(building.block) ?? `${stem}${isSchool ? '学校' : owner}`;
    owners.set(building.block, name);
    const town = context.district.towns[block.town]?.code.slice(0, 9) ?? '440604012';
    const device = `${town}4${random.int(30, 39)}${pad(n, 8)}`;
    yield row(
      {
        device_no: device,
        name: `${name}${random.pick(['大门', '停车场', '广场', '大堂', '东侧', '西侧', '北门', '后巷'])}`,
        owner: name,
        scene: isSchool ? 'school' : scene,
        building_code: building.code,
        stream_url: `gb28181://video.chancheng.example/${device}`,
        online: random.chance(0.9),
      },
      pointShape(doorstep(building, random)),
    );
  }
}

/** Patrols of the nearest station on the streets; foot patrols keep to the lanes of the old town and of villages. */
function patrols(context: Context): Row[] {
  const random = createRandom(context.seed, 'patrols');
  const stations = policeStations(context);
  const weight = busyness(context);
  const onFoot = roadside(
    context,
    (road) => (['lane', 'residential', 'tertiary'].includes(road.class) ? weight(road) : 0),
    -1,
  );
  const onWheels = roadside(context, (road) => (road.class === 'lane' ? 0 : weight(road)), -2);
  return Array.from({ length: 640 }, (_, i) => {
    const kind = random.pick(['car', 'car', 'motorcycle', 'foot', 'foot', 'e_bike', 'e_bike']);
    const spot = (kind === 'foot' || kind === 'e_bike' ? onFoot : onWheels)(random);
    const draw = random.next();
    const state = draw < 0.7 ? 'patrolling' : draw < 0.86 ? 'standby' : draw < 0.94 ? 'responding' : 'off_duty';
    const station = nearestRow(stations, spot.at);
    const at = state === 'off_duty' ? station.at : spot.at;
    const pace = { car: 28, motorcycle: 24, foot: 4, e_bike: 13 }[kind] ?? 4;
    const haste = state === 'responding' ? 1.5 : state === 'patrolling' ? random.between(0.4, 1.2) : 0;
    return row(
      {
        unit_no: `XL${pad(i + 1, 4)}`,
        kind,
        station_code: station.values.org_code ?? null,
        crew: kind === 'car' ? random.int(2, 4) : random.int(2, 3),
        state,
        speed_kmh: Math.round(pace * haste * 10) / 10,
        reported_at: morning(random.int(0, 4)),
      },
      pointShape(at),
    );
  });
}

function areas(context: Context): Row[] {
  const random = createRandom(context.seed, 'police areas');
  const stations = policeStations(context);
  const numbers = new Map<number, number>();
  return policeAreas(context, 186).map((area, i) => {
    const community = context.district.communities[area.community];
    const n = (numbers.get(area.community) ?? 0) + 1;
    numbers.set(area.community, n);
    const station = nearestRow(stations, area.inner);
    return row(
      {
        area_no: `JWQ${pad(i + 1, 3)}`,
        name: `${community?.name ?? ''}第${n}警务区`,
        station_code: station.values.org_code ?? null,
        station_name: station.values.name ?? null,
        community_code: community?.code ?? null,
        officer_name: drawName(random.chance(0.86), random),
        officer_phone: makePhone(random),
        grids: area.grids.length,
        population: area.grids.reduce((sum, g) => sum + (context.perGrid.persons[g] ?? 0), 0),
      },
      polygonShape(...area.rings),
    );
  });
}

/** Beats, patrols and the cameras that others share with the police. */
export const policing: Theme = {
  shared_camera: (context) => ({ expected: 8600 * context.scale, rows: sharedCameras(context) }),
  patrol_position: (context) => listed(patrols(context)),
  police_area: (context) => listed(areas(context)),
};
