/**
 * Says what types cannot: `tsx layers/check.ts` prints every problem of the catalogue and exits 1, or one line when
 * there is none.
 */
import { existsSync, readdirSync } from 'node:fs';
import { chains, checkChains } from './chains.ts';
import { iconFile } from './icon-file.ts';
import { checkLayer } from './check-layer.ts';
import type { Layer } from './define.ts';
import { departments } from './departments.ts';
import { layers } from './index.ts';

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

/**
 * Every problem of a catalogue: of each layer, and of the layers together. `files` are the definition files as
 * `<department>/<id>.ts`, to find one that nobody registered; left out, files are not looked at.
 */
export function checkLayers(layers: readonly Layer[], files?: readonly string[]): string[] {
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  const problems = layers.flatMap((layer) => checkLayer(layer, byId, 'catalogue'));
  for (const { id, icon } of layers) {
    if (icon !== undefined && !existsSync(iconFile(icon) ?? ''))
      problems.push(`${id}: icon: ${JSON.stringify(icon)} is in neither icon set`);
  }
  for (const id of repeated(layers.map((layer) => layer.id))) problems.push(`${id}: id: is used twice`);
  for (const file of repeated(layers.map((layer) => layer.source.file)))
    problems.push(`source.file: ${file} is used twice`);
  for (const language of ['zh', 'en'] as const) {
    for (const title of repeated(layers.map((layer) => layer.title[language]))) {
      problems.push(`title.${language}: ${JSON.stringify(title)} is used twice`);
    }
  }
  for (const id of Object.keys(departments)) {
    if (!layers.some((layer) => layer.department === id)) problems.push(`${id}: the department has no layer`);
  }
  if (files !== undefined) {
    const registered = layers.map((layer) => `${layer.department}/${layer.id}.ts`);
    for (const file of files) {
      if (!registered.includes(file))
        problems.push(`${file}: is not registered under this name in its department's index`);
    }
    for (const file of registered) if (!files.includes(file)) problems.push(`${file}: there is no such file`);
  }
  return problems;
}

/** The definition files on disk as `<department>/<id>.ts`. */
export function listDefinitionFiles(): string[] {
  return readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(`${import.meta.dirname}/${name}`).map((file) => `${name}/${file}`))
    .filter((file) => !file.endsWith('/index.ts'))
    .toSorted();
}

if (process.argv[1] === import.meta.filename) {
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  const problems = [...checkLayers(layers, listDefinitionFiles()), ...checkChains(chains, byId)];
  for (const problem of problems) console.error(problem);
  const fields = layers.reduce((sum, layer) => sum + Object.keys(layer.fields).length, 0);
  const owners = new Set(layers.map((layer) => layer.department)).size;
  if (problems.length > 0) console.error(`${problems.length} problems in ${layers.length} layers`);
  else console.log(`${layers.length} layers of ${owners} departments, ${fields} fields: no problem`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
