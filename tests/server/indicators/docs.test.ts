import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { acts, type ActDefinition } from '../../../server/indicators/acts.ts';
import { indicatorIds, indicatorOf, unitOf } from '../../../server/indicators/definitions.ts';
import { formulaOf } from '../../../server/indicators/formula-of.ts';

const text = readFileSync('docs/indicators.md', 'utf8');
/** Rows of the tables, blanks between columns aside: the formatter lines them up. */
const rows = new Set(
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .join('|'),
    ),
);

test.each(indicatorIds)('the document says what %s is', (id) => {
  const indicator = indicatorOf(id);
  const { zh, en } = indicator.title;
  expect(rows).toContain(`|\`${id}\`|${zh}|${en}|${formulaOf(indicator)}|${unitOf(indicator)}|`);
});

test.each(Object.entries(acts) as [string, ActDefinition][])('the document says what act %s is', (id, act) => {
  expect(rows).toContain(`|\`${id}\`|${act.title.zh}|${act.title.en}|${act.ok?.en ?? ''}|${act.flag?.en ?? ''}|`);
});
