import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../chaos/api-process.ts';
import { until } from './event-stream.ts';

const PROGRAM = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) =>
  existsSync(path),
);

/** A real MQTT broker (mosquitto) that can be killed and started again with what it has stored. */
export class Broker {
  readonly url: string;
  readonly #port: number;
  readonly #dir: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, dir: string, scheme: 'mqtt' | 'mqtts') {
    this.#port = port;
    this.#dir = dir;
    this.url = `${scheme}://127.0.0.1:${port}`;
  }

  /**
   * @param guard lines of its configuration instead of letting everybody in
   * @throws when mosquitto is not installed: `apt install mosquitto`
   */
  static async start(guard?: { scheme: 'mqtt' | 'mqtts'; lines: readonly string[] }): Promise<Broker> {
    if (PROGRAM === undefined) throw new Error('mosquitto is not installed: apt install mosquitto');
    const dir = await mkdtemp(join(tmpdir(), 'one-map-mosquitto-'));
    const port = await freePort();
    await writeFile(
      join(dir, 'mosquitto.conf'),
      [
        `listener ${port} 127.0.0.1`,
        ...(guard?.lines ?? ['allow_anonymous true']),
        'persistence true',
        `persistence_location ${dir}/`,
        'max_queued_messages 0',
        `user ${userInfo().username}`,
        'log_type error',
        '',
      ].join('\n'),
    );
    const broker = new Broker(port, dir, guard?.scheme ?? 'mqtt');
    await broker.up();
    return broker;
  }

  /** Starts it, with what it had stored. */
  async up(): Promise<void> {
    this.#child = spawn(PROGRAM as string, ['-c', join(this.#dir, 'mosquitto.conf')], { stdio: 'ignore' });
    await until('the broker', () => this.#answers(), 10_000);
  }

  /** Ends it; it stores what it has first. */
  async down(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await gone;
  }

  async remove(): Promise<void> {
    await this.down();
    await rm(this.#dir, { recursive: true, force: true });
  }

  #answers(): Promise<boolean> {
    return new Promise((done) => {
      const socket = connectSocket(this.#port, '127.0.0.1');
      socket.once('connect', () => (socket.destroy(), done(true))).once('error', () => done(false));
    });
  }
}
