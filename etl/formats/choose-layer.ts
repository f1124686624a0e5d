import { LoadError } from '../errors.ts';

/** One of several layers, sheets, lists or files that a file holds. */
export interface LayerChoice {
  name: string;
  /** Records in it; null when it is not known without reading all of it. */
  count: number | null;
}

/**
 * The layer to read: the one asked for, or the only one that has records. Throws CHOOSE_LAYER where nobody can know
 * which one is meant: to read the first would lose the others without a word.
 */
export function chooseLayer<T extends LayerChoice>(choices: readonly T[], wanted: string | undefined, file: string): T {
  const list = choices.map(({ name, count }) => (count === null ? name : `${name} (${count})`)).join(', ');
  if (wanted !== undefined) {
    const exact = choices.find(({ name }) => name === wanted);
    const near = exact ?? choices.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    if (near) return near;
    throw new LoadError('CHOOSE_LAYER', {
      zh: `${file} 内没有图层 ${wanted}。有：${list || '无'}。`,
      en: `${file} holds no layer ${wanted}. It holds: ${list || 'none'}.`,
    });
  }
  const filled = choices.filter(({ count }) => count !== 0);
  const only = filled.length === 1 ? filled[0] : choices.length === 1 ? choices[0] : undefined;
  if (only) return only;
  if (choices.length === 0) {
    throw new LoadError('UNREADABLE', {
      zh: `${file} 内没有图层。请检查导出的内容。`,
      en: `${file} holds no layer. Look at what was exported.`,
    });
  }
  // All are empty: any of them says so.
  if (filled.length === 0) return choices[0] as T;
  const example = filled.reduce((most, next) => ((next.count ?? 0) > (most.count ?? 0) ? next : most)).name;
  throw new LoadError('CHOOSE_LAYER', {
    zh: `${file} 内有 ${choices.length} 个图层：${list}。请用 --layer 选一个，例如 --layer ${JSON.stringify(example)}。`,
    en: `${file} holds ${choices.length} layers: ${list}. Choose one with --layer, e.g. --layer ${JSON.stringify(example)}.`,
  });
}
