import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import type { Sql } from '../db/connect.ts';
import { holdDuty } from '../duty/hold.ts';
import { connectAcking } from './acking-client.ts';
import { tellBrokerError } from './tell-broker-error.ts';
import type { ReadingIntake } from './reading-intake.ts';
import { readMessage } from './read-message.ts';

export interface MqttSettings {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password if need be. */
  url: string;
  /** Names the session at the broker, which keeps the messages while nobody is there. One for all processes of a database. */
  clientId: string;
  username?: string | undefined;
  password?: string | undefined;
  /** File of the certificate authority of the broker, where it is none that everybody knows. */
  caFile?: string | undefined;
  /** Files of a certificate and its key by which this service shows who it is, where the broker asks for one. */
  certFile?: string | undefined;
  keyFile?: string | undefined;
  /** Root of the topics (`read-message.ts`). */
  topic: string;
}

export interface MqttIntakeOptions extends MqttSettings {
  sql: Sql;
  intake: Pick<ReadingIntake, 'submit' | 'refuse'>;
  /** ms after which another process takes over from one that says nothing (`duty/hold.ts`). */
  lostMs?: number;
  onError(cause: unknown): void;
  onConnection?(state: 'connected' | 'away' | 'left to another process'): void;
}

/** Messages the broker sends before it waits for an acknowledgement: enough to fill a commit. */
const IN_FLIGHT = 2000;
/** How long the broker keeps messages while no process is there, s. */
const SESSION_S = 7 * 86_400;
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/**
 * Takes readings from a broker. A message is acknowledged when its readings are committed, or refused for good.
 *
 * One process at a time is connected, in the name of all: another takes over its session, with all that was not acknowledged.
 * A subscription shared by several sessions would be simpler, and loses: a broker gives a session that is away its share, too,
 * and keeps it for that session alone, which may never come back.
 */
export class MqttIntake {
  readonly #options: MqttIntakeOptions;
  #client: MqttClient | undefined;
  #release: (() => Promise<void>) | undefined;
  #closed = false;
  readonly #busy = new Set<Promise<void>>();
  readonly totals = { messages: 0, malformed: 0 };

  constructor(options: MqttIntakeOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#client?.connected ?? false;
  }

  /** Offers to be the process that is connected. */
  start(): void {
    const { sql, lostMs, onError, onConnection } = this.#options;
    this.#release = holdDuty(sql, {
      name: 'sensors.mqtt',
      holder: `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`,
      lostMs,
      onHeld: () => this.#connect(),
      onLost: async () => {
        await this.#disconnect();
        onConnection?.('left to another process');
      },
      onError,
    });
  }

  async #connect(): Promise<void> {
    const { url, clientId, username, password, caFile, certFile, keyFile, topic, onError, onConnection } =
      this.#options;
    const client = connectAcking(
      url,
      {
        clientId,
        protocolVersion: 5,
        // The broker keeps what comes while this process is away.
        clean: false,
        properties: { sessionExpiryInterval: SESSION_S, receiveMaximum: IN_FLIGHT },
        reconnectPeriod: 1000,
        connectTimeout: 10_000,
        resubscribe: false,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(caFile === undefined ? {} : { ca: await readFile(caFile) }),
        ...(certFile === undefined ? {} : { cert: await readFile(certFile) }),
        ...(keyFile === undefined ? {} : { key: await readFile(keyFile) }),
      },
      (name, payload) => this.#track(this.#accept(name, payload)),
    );
    this.#client = client;
    client.on('connect', () => {
      onConnection?.('connected');
      // A session that was kept has its subscription; asking for it again changes nothing.
      client.subscribe(`${topic}/#`, { qos: 1 }, (error) => error && onError(error));
    });
    client.on('close', () => this.#client === client && onConnection?.('away'));
    client.on('error', (error) => onError(tellBrokerError(error)));
  }

  #track(work: Promise<void>): Promise<void> {
    this.#busy.add(work);
    const done = (): void => void this.#busy.delete(work);
    work.then(done, done);
    return work;
  }

  async #accept(topic: string, payload: Buffer): Promise<void> {
    const { intake, onError } = this.#options;
    this.totals.messages += 1;
    const read = readMessage(this.#options.topic, topic, payload);
    if (!Array.isArray(read)) {
      this.totals.malformed += 1;
      intake.refuse(read, 'mqtt');
      return;
    }
    // While the database is away, or the queue full, nothing is acknowledged and the broker holds the rest back.
    for (let wait = RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      try {
        await intake.submit(read, 'mqtt');
        return;
      } catch (cause) {
        if (this.#closed) throw cause;
        onError(cause);
        await pause(wait);
        if (this.#closed) throw cause;
      }
    }
  }

  /** Stops after the commits under way; the session stays at the broker. */
  async close(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#busy), pause(5000)]);
    this.#closed = true;
    await this.#release?.();
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.endAsync(false).catch(() => undefined);
  }
}
