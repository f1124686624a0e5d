import { fork } from 'node:child_process';
import { join } from 'node:path';

/**
 * A part of the benchmark in a process of its own, so that what it costs is not mistaken for what the service costs, and
 * its pauses not for the service's. It does one job at a time; the answer comes with the seconds of CPU the job took.
 */
export class HelperProcess<Job extends object, Answer> {
  readonly #child;

  constructor(entry: 'sender' | 'screens') {
    this.#child = fork(join(import.meta.dirname, `${entry}.ts`), { execArgv: ['--import', 'tsx'] });
  }

  ask(job: Job): Promise<Answer & { cpu: number }> {
    return new Promise((resolve, reject) => {
      const gone = (code: number | null): void => reject(new Error(`a part of the benchmark ended with ${code}`));
      this.#child.once('exit', gone);
      this.#child.once('message', (message: { answer: Answer & { cpu: number } } | { error: string }) => {
        this.#child.off('exit', gone);
        if ('error' in message) reject(new Error(message.error));
        else resolve(message.answer);
      });
      this.#child.send(job);
    });
  }

  close(): void {
    this.#child.kill();
  }
}

/** The other side: does jobs as they come. */
export function serveJobs<Job extends object, Answer extends object>(work: (job: Job) => Promise<Answer>): void {
  process.on('message', (job: Job) => {
    const before = process.cpuUsage();
    work(job).then(
      (answer) => {
        const { user, system } = process.cpuUsage(before);
        process.send?.({ answer: { ...answer, cpu: (user + system) / 1e6 } });
      },
      (cause: unknown) =>
        process.send?.({ error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) }),
    );
  });
  process.on('disconnect', () => process.exit());
}
