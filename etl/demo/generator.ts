import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { GeneratorInput, GeneratorMessage } from './generator-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Room for young objects, MB. Rows live for a moment; with the default of 16 a sixth of the time goes into moving them. */
const YOUNG_MB = 64;

/**
 * Writes a district's files in a process of its own, so that a layer can be loaded while the next ones are being made.
 * Layers come in the order of loading.
 */
export class Generator {
  /** Resolves to the number of layers when all are written, rasters included; rejects when the process fails. */
  readonly finished: Promise<number>;
  private readonly child: ChildProcess;
  private readonly written = new Set<string>();
  private readonly waiting = new Map<string, () => void>();

  constructor(input: GeneratorInput) {
    const script = join(import.meta.dirname, 'generator-process.ts');
    this.child = spawn(
      process.execPath,
      [`--max-semi-space-size=${YOUNG_MB}`, '--import', 'tsx', script, JSON.stringify(input)],
      // It ends when the channel closes, however this process ended.
      { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    let count = 0;
    this.child.on('message', (message: GeneratorMessage) => {
      if ('layers' in message) {
        count = message.layers;
        return;
      }
      this.written.add(message.written);
      this.waiting.get(message.written)?.();
    });
    this.finished = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('exit', (code, signal) => {
        if (code === 0) resolve(count);
        else reject(new Error(`the demo district could not be made (${signal ?? `code ${code}`})`));
      });
    });
    // Whoever waits for a layer or for the end is told; nobody may be waiting yet.
    this.finished.catch(() => {});
  }

  /** Resolves when the file of a layer is there as a whole. */
  async arrivalOf(layer: string): Promise<void> {
    if (this.written.has(layer)) return;
    const arrival = new Promise<void>((resolve) => this.waiting.set(layer, resolve));
    await Promise.race([arrival, this.finished]);
    if (!this.written.has(layer)) throw new Error(`the demo district has no file of ${layer}`);
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}
