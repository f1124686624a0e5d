import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gdal, GdalError } from '../../../etl/formats/gdal.ts';

let dir = '';
let file = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'one-map-gdal-test-'));
  file = join(dir, 'point.geojson');
  await writeFile(
    file,
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":1},"geometry":{"type":"Point","coordinates":[113.1,23.0]}}]}',
  );
});
afterAll(() => rm(dir, { recursive: true }));

/** Process ids of the GDAL processes started by this one. */
function children(): number[] {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' }).split(
    '\n',
  );
  return lines.filter((line) => line.includes('gdal-process')).map((line) => Number.parseInt(line, 10));
}

test('reads a file by a path relative to our working directory', async () => {
  const gdal = await Gdal.start();
  try {
    const layers = await gdal.layers(relative(process.cwd(), file));
    expect(layers.map(({ featureCount }) => featureCount)).toEqual([1]);
  } finally {
    await gdal.close();
  }
});

test('a process that ended answers with an error instead of never', async () => {
  const before = children();
  const gdal = await Gdal.start();
  try {
    const [pid] = children().filter((child) => !before.includes(child));
    expect(gdal.isAlive).toBe(true);
    const asked = gdal.layers(file);
    process.kill(pid as number, 'SIGKILL');
    await expect(asked).rejects.toThrow(GdalError);
    expect(gdal.isAlive).toBe(false);
    await expect(gdal.layers(file)).rejects.toThrow('GDAL has ended');
  } finally {
    await gdal.close();
  }
});
