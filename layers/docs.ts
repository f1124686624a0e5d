/**
 * Writes layers/README.md from the definitions: `tsx layers/docs.ts`. With `--check` it writes nothing and exits 1 when
 * the file is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { classes } from './classes.ts';
import type { Layer } from './define.ts';
import { departments } from './departments.ts';
import { layers } from './index.ts';

const HEADER = ['id', '中文', 'English', 'Class', 'Geometry', 'Fields', 'Sensitivity', 'Cadence', 'Source'];

function sourceText({ source, place }: Layer): string {
  const parts: string[] = [source.format];
  if (source.encoding !== undefined) parts.push(source.encoding);
  parts.push(place !== undefined && source.coordinates === undefined ? `place of \`${place.layer}\`` : source.crs);
  return parts.join(', ');
}

function row(layer: Layer): string[] {
  const subclass = classes[layer.class]?.subclasses[layer.subclass];
  return [
    `[\`${layer.id}\`](${layer.department}/${layer.id}.ts)`,
    layer.title.zh,
    layer.title.en,
    subclass === undefined ? '' : `${subclass.code} ${subclass.title.zh}`,
    layer.geometry,
    String(Object.keys(layer.fields).length),
    layer.sensitivity,
    layer.cadence,
    sourceText(layer),
  ];
}

function table(rows: string[][]): string {
  const lines = [HEADER, HEADER.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** The README of the catalogue: one table per department. */
export function renderReadme(layers: readonly Layer[]): string {
  const owners = Object.values(departments).filter(({ id }) => layers.some((layer) => layer.department === id));
  const sections = owners.map(({ id, code, title }) => {
    const own = layers.filter((layer) => layer.department === id);
    return `## ${code} ${title.zh} · ${title.en}\n\n${table(own.map(row))}`;
  });
  return (
    [
      '# Layers 图层目录',
      'Made from the definitions by `npm run docs`; edits here are overwritten. 本文件由 `npm run docs` 生成，请勿手工修改。',
      `${layers.length} layers of ${owners.length} departments. One file is one layer: its table, checks, tiles, filters, legend, ` +
        'masks and this page are derived from it. To add one, write `<department>/<id>.ts`, name it in `<department>/index.ts`, ' +
        'then run `npm run catalogue` (says what is wrong) and `npm run docs`.',
      `共 ${owners.length} 个部门 ${layers.length} 个图层。一个文件定义一个图层，数据表、校验、瓦片、筛选、图例、脱敏规则与本页均由其派生。` +
        '新增图层：编写 `<department>/<id>.ts`，在 `<department>/index.ts` 登记，再运行 `npm run catalogue` 与 `npm run docs`。',
      ...sections,
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

if (process.argv[1] === import.meta.filename) {
  const file = `${import.meta.dirname}/README.md`;
  const text = renderReadme(layers);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
    console.log(`wrote layers/README.md: ${layers.length} layers`);
  } else {
    let current = '';
    try {
      current = readFileSync(file, 'utf8');
    } catch (error) {
      console.error(`layers/README.md cannot be read: ${(error as Error).message}`);
    }
    if (current === text) console.log('layers/README.md is up to date');
    else {
      console.error('layers/README.md is out of date: run `npm run docs`');
      process.exitCode = 1;
    }
  }
}
