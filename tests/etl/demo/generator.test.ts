import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Generator } from '../../../etl/demo/generator.ts';
import { getLayer } from '../../../layers/index.ts';

let generator: Generator | null = null;
let out = '';
afterEach(async () => {
  generator?.stop();
  await generator?.finished.catch(() => {});
  await rm(out, { recursive: true, force: true });
});

function fileOf(layer: string): string {
  return join(out, getLayer(layer).source.file);
}

test('a file is whole when its layer is said to be there, long before the others are', async () => {
  out = await mkdtemp(join(tmpdir(), 'one-map-generator-'));
  generator = new Generator({ scale: 0.01, seed: 1, out });
  let isFinished = false;
  generator.finished.then(
    () => (isFinished = true),
    () => {},
  );
  await generator.arrivalOf('road_centerline');
  expect(isFinished).toBe(false);
  const early = await readFile(fileOf('governance_grid'));
  await expect(access(join(out, 'manifest.json'))).rejects.toThrow(/ENOENT/);
  await generator.arrivalOf('person');
  // Nobody's turn has come yet but that of those whom persons are placed by.
  await expect(access(fileOf('waste_facility'))).rejects.toThrow(/ENOENT/);
  expect(await readFile(fileOf('governance_grid'))).toEqual(early);

  generator.stop();
  await expect(generator.finished).rejects.toThrow(/SIGTERM/);
  await expect(generator.arrivalOf('waste_facility')).rejects.toThrow(/could not be made/);
}, 120_000);

test('what the generator refuses reaches those who wait', async () => {
  out = await mkdtemp(join(tmpdir(), 'one-map-generator-'));
  generator = new Generator({ scale: 7, seed: 1, out });
  await expect(generator.arrivalOf('person')).rejects.toThrow(/could not be made/);
}, 60_000);
