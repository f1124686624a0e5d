/**
 * GDAL (WebAssembly) in a process of its own: what it allocates goes back to the system when the process ends, and a
 * file that makes it abort takes down nothing else. Plain JavaScript, so that it starts without a TypeScript loader.
 *
 * Messages in: {id, op: 'info', path, openOptions} | {id, op: 'translate', path, openOptions, layer, name, options} |
 * {id, op: 'raster-info', path, options} | {id, op: 'raster-translate' | 'raster-warp', path, name, options}.
 * Messages out: {ready: true} | {id, result, warnings} | {id, error, warnings}.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);
const [output] = process.argv.slice(2);
const entry = require.resolve('gdal3.js/node.js');
// The package reads its data file relative to the working directory.
process.chdir(dirname(entry));

let warnings = [];
const note = (text) => warnings.push(text);
const gdal = await require(entry)({
  path: 'dist/package',
  dest: output,
  useWorker: false,
  logHandler: note,
  errorHandler: note,
  env: { OGR_GEOJSON_MAX_OBJ_SIZE: '0', SHAPE_RESTORE_SHX: 'YES', CPL_LOG_ERRORS: 'ON' },
});

function reason(error) {
  if (Array.isArray(error)) return error.map(reason).join('; ');
  return error?.message ?? String(error);
}

async function answer(message) {
  const opened = await gdal.open(message.path, message.openOptions ?? []);
  const dataset = opened.datasets[0];
  if (!dataset) throw new Error(reason(opened.errors) || 'GDAL cannot open the file');
  try {
    if (message.op === 'raster-info') return await gdal.gdalinfo(dataset, message.options);
    if (message.op === 'raster-translate')
      return (await gdal.gdal_translate(dataset, message.options, message.name)).real;
    if (message.op === 'raster-warp') return (await gdal.gdalwarp(dataset, message.options, message.name)).real;
    if (message.op === 'info') return await gdal.ogrinfo(dataset, ['-so', '-al']);
    const written = await gdal.ogr2ogr(dataset, [...message.options, message.layer], message.name);
    return written.real;
  } finally {
    await gdal.close(dataset);
  }
}

// One at a time: GDAL has one error state.
let queue = Promise.resolve();
process.on('message', (message) => {
  queue = queue.then(async () => {
    warnings = [];
    try {
      const result = await answer(message);
      process.send({ id: message.id, result, warnings });
    } catch (error) {
      process.send({ id: message.id, error: reason(error), warnings });
    }
  });
});
process.on('disconnect', () => process.exit(0));
process.send({ ready: true });
