import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoadSession } from '../../etl/session.ts';
import { testDatabase } from '../support/database.ts';
import { outcomesMarkdown, withOutcomes } from './support/formats-table.ts';
import { type FileOutcome, importOutcome } from './support/outcome.ts';

/** Real files of public offices, if they lie beside the checkout, or where REAL_DATA says. */
const archive = process.env.REAL_DATA ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'real-data.tar.gz');
/** `RECORD_OUTCOMES=1` writes what happens instead of comparing with it; look at the difference before you commit it. */
const isRecording = process.env.RECORD_OUTCOMES === '1';
const recordFile = join(import.meta.dirname, 'real-outcomes.json');
const document = join(import.meta.dirname, '..', '..', 'docs', 'formats.md');
const recorded = existsSync(recordFile)
  ? (JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, FileOutcome>)
  : {};

/** Rows of files as the description of the archive counts them (with GDAL, osmium and hyparquet, not with our readers). */
const documented: Record<string, number> = {
  'events/nyc-311-animals-2025.csv': 4969,
  'events/tw-npa-a1-2020.csv': 4584,
  'events/tw-npa-a1-2021.csv': 4606,
  'events/tw-npa-a1-2014.csv': 1772,
  'events/kaohsiung-dengue-2014.csv': 15_043,
  'events/kaohsiung-dengue-2023.csv': 3184,
  'events/usgs-feed.geojson': 352,
  'nyc/nybb_16a.zip': 5,
  'nyc/taxi_zones.zip': 263,
  'nyc/nyc-police-precincts.geojson': 77,
  'nyc/kepler-nyc-census-tracts.json': 2166,
  'nyc/nyc-injurious-collisions.geojson': 20_644,
  'nyc/nyc-map-pluto-sample.geojson': 7,
  'nyc/manhattan-buildings-height.json': 999,
  'nyc/squirrel-census-2018.csv': 3023,
  'nyc/ny-hospital-charges.csv': 10_741,
  'nyc/nyc_boros.parquet': 1,
  'seattle/seattle-neighborhoods.geojson': 90,
  'seattle/cb_2013_53_bg_500k.kmz': 4779,
  'seattle/CenPop2010_Mean_BG53.txt': 4783,
  'enterprise/chicago-business-licences-food.csv': 27_600,
  'taipei/taipei_village.geojson': 456,
  'taipei/taipei_town.geojson': 12,
  'taipei/taipei-small-areas.zip': 11_490,
  'taipei/臺北市統計區人口統計_最小統計區.json': 10_860,
  'taipei/socl_welfare_organization_plc.geojson': 578,
  'taipei/building_unsued_land.geojson': 95,
  'taipei/condemned_building.geojson': 117,
  'taipei/waterworks_levee.geojson': 35,
  'taipei/traffic_bus_route_view.geojson': 50,
  'taipei/patrol_rain_floodgate.geojson': 74,
  'taipei/youbike_sub_stn_1.geojson': 1226,
  'taipei/youbike_sub_stn_2.geojson': 7760,
  'taipei/TaipeiMetroStations.json': 156,
  'taipei/各郵局支局3+3資訊.xlsx': 1298,
  // Without the second header row.
  'taipei/opendata109road.csv': 34_201,
  'taipei/addr.csv': 2829,
  'foshan/foshan-districts.geojson': 5,
  'foshan/foshan-districts-cgcs2000-gk38-gbk.zip': 5,
  'foshan/foshan-streets.csv': 41,
  'foshan/foshan-villages-gb18030.csv': 818,
  'foshan/company-addresses-a.csv': 9272,
  'foshan/china-adcodes-gcj02.csv': 3511,
  'china/shanghai-qu-xian-jie-gbk.zip': 17,
  'china/shanghai-busline.json': 2,
  'china/shanghai-busstop.json': 49,
  'helsinki/helsinki_population_grid_2020.gpkg': 92,
  'helsinki/helsinki_city_districts_2021.gpkg': 8,
  'porto-alegre/poa_hexgrid.csv': 1227,
  'porto-alegre/poa_points_of_interest.csv': 15,
  'formats/boulder_buildings.zip': 13_491,
  'formats/amsterdam_roads.fgb': 21_648,
  'formats/London stations.kml': 640,
  'formats/eqs7day-M2.5.georss.xml': 185,
  'formats/USGS_FC_WFS_GML.xml': 10,
  'formats/QPF24hr_Day3_latest.kmz': 174,
  'formats/Airports.pipe': 8107,
  'formats/zipcodes.xlsx': 42_049,
  'formats/us_cities.parquet': 3666,
  'formats/cables.parquet': 530,
  'formats/boston.zstd.parquet': 3,
  'formats/geoparquet-example.parquet': 5,
  'formats/buildings-with-height.geojson': 84,
};
/** The same for files that need something stated. */
const documentedStated: Record<string, [string, number]> = {
  'events/seattle-911-2015.csv': ['--encoding windows-1252', 91_067],
  'porto-alegre/poa_eptc.zip': ['--layer stops', 3986],
  'porto-alegre/poa_trensurb.zip': ['--layer stops', 24],
  'helsinki/AutoGIS_L5_data.zip': ['--layer data/TravelTimes_to_5975375_RailwayStation', 13_231],
};

describe('recorded outcomes', () => {
  test('no file crashes the import or loses a row', () => {
    const entries = Object.entries(recorded).flatMap(([file, { plain, stated = {} }]) =>
      [plain, ...Object.values(stated)].map((outcome) => [file, outcome] as const),
    );
    expect(entries.length).toBeGreaterThan(540);
    expect(entries.filter(([, outcome]) => 'crashed' in outcome)).toEqual([]);
    const lost = entries.filter(
      ([, outcome]) => 'loaded' in outcome && outcome.accepted + outcome.quarantined !== outcome.in,
    );
    expect(lost).toEqual([]);
  });

  test('hold the counts that the description of the archive gives', () => {
    const counted = Object.fromEntries(
      Object.keys(documented).map((file) => {
        const plain = recorded[file]?.plain;
        return [file, plain && 'loaded' in plain ? plain.in : plain];
      }),
    );
    expect(counted).toEqual(documented);
    for (const [file, [options, rows]] of Object.entries(documentedStated))
      expect(recorded[file]?.stated?.[options], file).toMatchObject({ in: rows });
  });

  test('are the tables of docs/formats.md', () => {
    const text = readFileSync(document, 'utf8');
    expect(text).toBe(withOutcomes(text, outcomesMarkdown(recorded)));
  });
});

if (existsSync(archive)) {
  describe('every file of the archive', () => {
    let dir = '';
    let session: LoadSession;
    const made: Record<string, FileOutcome> = {};
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'one-map-outcomes-'));
      const unpacked = spawnSync('tar', ['-xzf', archive, '-C', dir]);
      if (unpacked.status !== 0) throw new Error(unpacked.stderr.toString());
      session = new LoadSession(await testDatabase(), dir);
    });
    afterAll(async () => {
      await session.close();
      await rm(dir, { recursive: true, force: true });
      if (!isRecording) return;
      const files = Object.keys(made).toSorted();
      const lines = files.map((file) => `${JSON.stringify(file)}: ${JSON.stringify(made[file])}`);
      writeFileSync(recordFile, `{\n${lines.join(',\n')}\n}\n`);
      writeFileSync(
        document,
        withOutcomes(
          readFileSync(document, 'utf8'),
          outcomesMarkdown(JSON.parse(`{${lines.join(',')}}`) as typeof made),
        ),
      );
    });

    const folders = [
      ['(top)', 'china', 'enterprise', 'events', 'foshan', 'helsinki', 'porto-alegre', 'seattle', 'taipei'],
      ['formats', 'nyc'],
      ['nasty'],
      ['vectors'],
    ];
    test.each(folders.map((names) => [names.join(', '), names] as const))(
      'ends as recorded: %s',
      async (_title, names) => {
        const root = join(dir, 'real-data');
        const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
          .filter((file) => statSync(join(root, file)).isFile())
          .filter((file) => names.includes(file.includes('/') ? (file.split('/')[0] as string) : '(top)'))
          .toSorted();
        const here: Record<string, FileOutcome> = {};
        for (const file of files) here[file] = await importOutcome(session, join(root, file), `${root}/`);
        Object.assign(made, here);
        if (isRecording) return;
        expect(here).toEqual(Object.fromEntries(files.map((file) => [file, recorded[file]])));
      },
      1_800_000,
    );
  });
}
