import type { FileOutcome, Outcome } from './outcome.ts';

const BEGIN = '<!-- outcomes: begin -->';
const END = '<!-- outcomes: end -->';

/** The tables of docs/formats.md, from the recorded outcomes: a line per file, files of one outcome in one folder together. */
export function outcomesMarkdown(outcomes: Record<string, FileOutcome>): string {
  const folders = new Map<string, string[]>();
  for (const file of Object.keys(outcomes)) {
    const parts = file.split('/');
    const folder =
      parts.length === 1 ? '(top)' : parts.slice(0, parts[0] === 'nasty' || parts[0] === 'vectors' ? 2 : 1).join('/');
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const lines: string[] = [];
  for (const [folder, files] of folders) {
    lines.push('', `### ${folder}`, '', '| File | Outcome |', '| --- | --- |');
    const rows = new Map<string, string[]>();
    for (const file of files) {
      const { plain, stated = {} } = outcomes[file] as FileOutcome;
      const name = file.replace(`${folder}/`, '');
      const text = outcomeText(plain, name);
      // Refusals of one wording in one folder are one line.
      const key = 'refused' in plain && Object.keys(stated).length === 0 ? text : `${name}\u0000${text}`;
      rows.set(key, [...(rows.get(key) ?? []), name]);
      for (const [options, outcome] of Object.entries(stated))
        rows.set(`${name} ${options}`, [`${name}\` \`${options}\u0000${outcomeText(outcome, name)}`]);
    }
    for (const [key, names] of rows) {
      const [first = '', statedText] = (names[0] as string).split('\u0000');
      const text = statedText ?? key.split('\u0000').at(-1) ?? '';
      const shown =
        names.length > 4
          ? `${names.length} files: \`${first}\` … \`${names.at(-1)}\``
          : names.map((name) => `\`${name.split('\u0000')[0]}\``).join(', ');
      lines.push(`| ${cell(shown)} | ${cell(text)} |`);
    }
  }
  return [BEGIN, ...lines, '', END].join('\n');
}

function outcomeText(outcome: Outcome, name: string): string {
  if ('crashed' in outcome) return `crashed: ${outcome.crashed}`;
  if ('refused' in outcome) {
    const base = name.split('/').at(-1) as string;
    // What it says of the file by name it says of all of them.
    const message = outcome.message.replaceAll('\n', ' ').replace(`${base}: `, '').slice(0, 260);
    return `refused \`${outcome.refused}\`: ${message}`;
  }
  const { loaded, geometry, accepted, repaired, quarantined, unlocated, codes = {} } = outcome;
  const more = [
    repaired > 0 ? `${repaired} repaired` : '',
    quarantined > 0
      ? `${quarantined} set aside (${Object.entries(codes)
          .map(([code, count]) => `${code} ${count}`)
          .join(', ')})`
      : '',
    unlocated > 0 && geometry !== 'table' ? `${unlocated} without a place` : '',
  ].filter(Boolean);
  return `${loaded}, ${geometry}: ${outcome.in} in, ${accepted} accepted${more.length > 0 ? `; ${more.join('; ')}` : ''}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}

/** A document with its tables replaced. */
export function withOutcomes(document: string, tables: string): string {
  const [before, rest = ''] = document.split(BEGIN);
  const after = rest.split(END)[1] ?? '\n';
  return `${before}${tables}${after}`;
}
