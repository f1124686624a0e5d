import { join } from 'node:path';
import { Generator } from '../demo/generator.ts';
import { readEnv } from '../env.ts';
import { LoadError } from '../errors.ts';
import type { Command } from './arguments.ts';
import { runDelivery } from './load.ts';
import { hasFailed } from '../report.ts';

/** Generates the synthetic district and loads all of it, each layer while the next ones are being made. */
export const demoCommand: Command = async (_names, options) => {
  const scale = numberOption('scale', options.scale, 0.1);
  const seed = numberOption('seed', options.seed, 1);
  if (!(scale > 0 && scale <= 1)) {
    throw new LoadError('BAD_USAGE', {
      zh: `--scale 应大于 0、不大于 1，实为 ${scale}。`,
      en: `--scale must be above 0 and at most 1, not ${scale}.`,
    });
  }
  const out = options.out ?? join(readEnv().dataDir, 'delivery');
  const startedAt = performance.now();
  const generator = new Generator({ scale, seed, out });
  let generated = 0;
  void generator.finished.then(
    () => (generated = performance.now() - startedAt),
    () => {},
  );
  try {
    const reports = await runDelivery(
      { dir: out, layers: ['all'], scale, arrivalOf: (layer) => generator.arrivalOf(layer) },
      options.json,
    );
    // Rasters are drawn last, and not loaded.
    const count = await generator.finished;
    if (!options.json) {
      const seconds = (generated / 1000).toFixed(1);
      process.stdout.write(
        `已生成 ${count} 个图层的交付文件 generated deliveries of ${count} layers: ${out} (${seconds} s)\n`,
      );
    }
    return reports.some(hasFailed) ? 1 : 0;
  } finally {
    generator.stop();
  }
};

function numberOption(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isFinite(value)) return value;
  throw new LoadError('BAD_USAGE', {
    zh: `--${name} 应为数字，实为 ${text}。`,
    en: `--${name} must be a number, not ${text}.`,
  });
}
