import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderReadme } from '../../layers/docs.ts';
import { getLayer, layers } from '../../layers/index.ts';

describe('layers/README.md', () => {
  it('is what the definitions say (run `npm run docs`)', () => {
    expect(readFileSync(`${import.meta.dirname}/../../layers/README.md`, 'utf8')).toBe(renderReadme(layers));
  });

  it('has a row for each layer in the table of its department', () => {
    const text = renderReadme(layers);
    for (const layer of layers) expect(text).toContain(`| [\`${layer.id}\`](${layer.department}/${layer.id}.ts) |`);
    expect(text.match(/^\| \[/gm)).toHaveLength(layers.length);
  });

  it('shows what a layer is and does not break its table on a bar', () => {
    const person = getLayer('person');
    const [line] = renderReadme([{ ...person, title: { zh: '人|口', en: 'Person' } }]).match(/^\| \[.*$/m) ?? [];
    expect(line).toBe(
      '| [`person`](public_security/person.ts) | 人\\|口 | Person | C0701 人口 | table | 8 | personal | daily | csv, gb18030, place of `room` |',
    );
  });
});
