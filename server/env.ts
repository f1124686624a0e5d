import { z } from 'zod';
import { departments } from '../layers/departments.ts';
import type { Identity } from './auth/caller.ts';
import { STAFF_POSTS } from './auth/posts.ts';
import type { MqttSettings } from './sensors/mqtt-intake.ts';
import type { NotifySettings } from './notify/settings.ts';

/** A caller's rights that come with a token. The same words as in `layers/access.ts`. */
const role = z.enum(['public', 'staff']);

/** Unset and empty mean the same: compose files and shells often set a variable to nothing. */
const optional = (value: unknown): unknown => (value === '' ? undefined : value);

/** A number written in decimals only: `Number('')` is 0 and `Number('0x10')` is 16. */
const decimal = z.string().regex(/^\d+(\.\d+)?$/, 'expected a number');

const flag = z
  .enum(['0', '1', 'true', 'false'], 'expected 0, 1, true or false')
  .transform((value) => value === '1' || value === 'true');

/** What may follow a role: `;name=陈静;posts=acceptor+dispatcher;department=urban_management`. */
const attributes = z
  .strictObject({
    name: z.string().trim().min(1).max(64).optional(),
    posts: z
      .string()
      .transform((text) => text.split('+').map((post) => post.trim()))
      .pipe(z.array(z.enum(STAFF_POSTS)).min(1))
      .optional(),
    department: z
      .string()
      .refine((id) => Object.hasOwn(departments, id))
      .optional(),
  })
  .transform(({ name, posts, department }): Omit<Identity, 'role'> => ({
    ...(name === undefined ? {} : { name }),
    ...(posts === undefined ? {} : { posts }),
    ...(department === undefined ? {} : { department }),
  }));

const TOKEN_ENTRY = /^(.*):\s*([a-z]+)\s*((?:;\s*[a-z]+=[^;=]*)*)$/s;

/** An entry `token:role;…`, or undefined when it is none. A token must be long enough not to be guessed. */
function readToken(entry: string): [string, Identity] | undefined {
  const [, token = '', roleText, rest = ''] = TOKEN_ENTRY.exec(entry) ?? [];
  const pairs = rest.split(';').slice(1);
  const given = attributes.safeParse(Object.fromEntries(pairs.map((pair) => pair.trim().split('='))));
  const knownRole = role.safeParse(roleText);
  if (token.trim().length < 16 || !knownRole.success || !given.success) return undefined;
  return [token.trim(), { role: knownRole.data, ...given.data }];
}

/** `token:role,token:role;name=…;posts=…;department=…`. */
const tokens = z.string().transform((text, context) => {
  const map = new Map<string, Identity>();
  for (const entry of text.split(',')) {
    const read = readToken(entry);
    if (!read) {
      // The token itself is a secret and stays out of logs.
      context.addIssue({
        code: 'custom',
        message: `entry ${map.size + 1}: expected token:role, a token of 16 or more characters and role public or staff, then at most ;name=…;posts=${STAFF_POSTS.slice(0, 2).join('+')}…;department=…`,
      });
      return z.NEVER;
    }
    map.set(...read);
  }
  return map as ReadonlyMap<string, Identity>;
});

/** `host,host:port,*.example.org`: where messages may be sent. */
const hosts = z.string().transform((text, context) => {
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase());
  const wrong = entries.find((entry) => !/^(\*\.)?[a-z0-9.-]+(:\d{1,5})?$/.test(entry));
  if (wrong === undefined) return entries;
  context.addIssue({ code: 'custom', message: `${wrong}: expected host, host:port or *.host` });
  return z.NEVER;
});

const schema = z.object({
  PORT: z.preprocess(optional, decimal.transform(Number).pipe(z.int().min(0).max(65535)).default(8080)),
  HOST: z.preprocess(optional, z.string().default('127.0.0.1')),
  DATABASE_URL: z.preprocess(
    optional,
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:5432/database')
      .optional(),
  ),
  PUBLIC_URL: z.preprocess(
    optional,
    z
      .string()
      .regex(/^https?:\/\/[^/?#@\s]+\/?$/, 'expected https://host or http://host:port')
      .transform((text) => text.replace(/\/$/, ''))
      .optional(),
  ),
  DATA_DIR: z.preprocess(optional, z.string().default('./data')),
  DEMO: z.preprocess(optional, flag.optional()),
  DEMO_SCALE: z.preprocess(optional, decimal.transform(Number).pipe(z.number().min(0.001).max(1)).default(0.1)),
  PLANNER_CONNECTIONS: z.preprocess(optional, decimal.transform(Number).pipe(z.int().min(1).max(64)).default(4)),
  LIVE_RING: z.preprocess(optional, decimal.transform(Number).pipe(z.int().min(1).max(10_000_000)).optional()),
  TILE_CACHE_MB: z.preprocess(optional, decimal.transform(Number).pipe(z.number().min(0).max(16_384)).default(64)),
  COLUMN_MEMORY_MB: z.preprocess(optional, decimal.transform(Number).pipe(z.int().min(1).max(1_000_000)).default(1024)),
  DEFAULT_ROLE: z.preprocess(optional, role.optional()),
  MQTT_URL: z.preprocess(
    optional,
    z
      .string()
      .regex(/^(mqtts?|wss?):\/\//, 'expected mqtt://user:password@host:1883, or mqtts://, ws://, wss://')
      .optional(),
  ),
  MQTT_USERNAME: z.preprocess(optional, z.string().optional()),
  MQTT_PASSWORD: z.preprocess(optional, z.string().optional()),
  MQTT_CA: z.preprocess(optional, z.string().optional()),
  MQTT_CERT: z.preprocess(optional, z.string().optional()),
  MQTT_KEY: z.preprocess(optional, z.string().optional()),
  MQTT_CLIENT_ID: z.preprocess(optional, z.string().max(64).default('onemap')),
  MQTT_TOPIC: z.preprocess(
    optional,
    z
      .string()
      .regex(/^[^+#$/\s][^+#\s]*[^+#/\s]$/, 'expected a topic without wildcards, such as onemap/readings')
      .default('onemap/readings'),
  ),
  GTFS_RT_URL: z.preprocess(
    optional,
    z
      .string()
      .regex(/^https?:\/\//, 'expected https://…')
      .optional(),
  ),
  READING_DAYS: z.preprocess(optional, decimal.transform(Number).pipe(z.int().min(2).max(4000)).default(400)),
  EXPORT_MAX_ROWS: z.preprocess(optional, decimal.transform(Number).pipe(z.int().min(1)).default(2_000_000)),
  EXPORT_MAX_DISK_MB: z.preprocess(optional, decimal.transform(Number).pipe(z.int().min(1)).default(4096)),
  NOTIFY_HOSTS: z.preprocess(optional, hosts.default([])),
  SMTP_URL: z.preprocess(
    optional,
    z
      .string()
      .regex(/^smtps?:\/\/[^/\s]+$/, 'expected smtp://user:password@host:587')
      .optional(),
  ),
  MAIL_FROM: z.preprocess(optional, z.email().optional()),
  VAPID_KEYS: z.preprocess(
    optional,
    z
      .string()
      .regex(/^[\w-]{87}:[\w-]{43}$/, 'expected public:private, as `npx web-push generate-vapid-keys` prints them')
      .optional(),
  ),
  SMS_URL: z.preprocess(
    optional,
    z
      .string()
      .regex(/^https?:\/\/[^@\s]+$/, 'expected https://host/path')
      .optional(),
  ),
  SMS_TOKEN: z.preprocess(optional, z.string().optional()),
  ONEMAP_TOKENS: z.preprocess(optional, tokens.default(new Map())),
});

/** What the channels of notifications need; each of them is there only when all of its settings are. */
function notifySettings(env: z.infer<typeof schema>): NotifySettings {
  const { SMTP_URL: smtp, MAIL_FROM: from, VAPID_KEYS: vapid, SMS_URL: sms, PUBLIC_URL: site } = env;
  // Push services want to know whom to write to.
  const subject = from === undefined ? site : `mailto:${from}`;
  const [publicKey = '', privateKey = ''] = vapid?.split(':') ?? [];
  return {
    hosts: env.NOTIFY_HOSTS,
    smtp: smtp === undefined || from === undefined ? undefined : { url: smtp, from },
    vapid: vapid === undefined || subject === undefined ? undefined : { publicKey, privateKey, subject },
    sms: sms === undefined ? undefined : { url: sms, token: env.SMS_TOKEN },
  };
}

export interface Environment {
  port: number;
  host: string;
  /** Unset: the embedded database. */
  databaseUrl: string | undefined;
  /** What links in answers begin with, where a proxy is asked in the service's place; unset: what the request came to. */
  publicUrl: string | undefined;
  /** Folder of the embedded database, of deliveries and reports. */
  dataDir: string;
  /** Load the synthetic district when there is no layer yet. Default: with the embedded database only. */
  demo: boolean;
  /** Size of the synthetic district, 0.001 to 1 (1 = 1.3 million residents). */
  demoScale: number;
  /** Requests that may ask for anything (pages of features, filters, exports, OGC API) run so many at a time. */
  plannerConnections: number;
  /** Live log entries kept in memory for clients that come back; default 50 000. Older ones are read from the table. */
  liveRing: number | undefined;
  /** Vector tiles kept ready to be sent again, MB (10^6 bytes); 0: none. */
  tileCacheMb: number;
  /** Memory for the columns that counts are made from, bytes; their snapshots may take as much on disk. */
  columnMemory: number;
  /** The broker that readings come from; undefined: none. */
  mqtt: MqttSettings | undefined;
  /** Feed of vehicle positions (GTFS Realtime) that is asked again and again; undefined: none. */
  gtfsUrl: string | undefined;
  /** Days that readings of sensors are kept. */
  readingDays: number;
  /** Rows of one export, at most. */
  exportMaxRows: number;
  /** What exports may take of the disk, MiB. */
  exportMaxDiskMb: number;
  /** Rights of a caller without a token. */
  defaultRole: 'public' | 'staff';
  /** Token -> who it stands for. */
  tokens: ReadonlyMap<string, Identity>;
  /** How people are told of what happens. */
  notify: NotifySettings;
}

/** Variables whose values must not appear in a message. */
const secret = new Set([
  'ONEMAP_TOKENS',
  'DATABASE_URL',
  'MQTT_URL',
  'MQTT_PASSWORD',
  'SMTP_URL',
  'VAPID_KEYS',
  'SMS_URL',
  'SMS_TOKEN',
]);

/**
 * Reads the settings. The only place in server/ that looks at `process.env`.
 * @throws an Error that names each wrong variable, its value and what was expected
 */
export function readEnvironment(source: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const parsed = schema.safeParse(source);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const value = secret.has(name) ? '' : `=${JSON.stringify(source[name])}`;
      return `${name}${value}: ${issue.message}`;
    });
    throw new Error(`wrong settings:\n  ${problems.join('\n  ')}`);
  }
  const env = parsed.data;
  const embedded = env.DATABASE_URL === undefined;
  const demo = env.DEMO ?? embedded;
  return {
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL,
    publicUrl: env.PUBLIC_URL,
    dataDir: env.DATA_DIR,
    demo,
    demoScale: env.DEMO_SCALE,
    plannerConnections: env.PLANNER_CONNECTIONS,
    liveRing: env.LIVE_RING,
    tileCacheMb: env.TILE_CACHE_MB,
    columnMemory: env.COLUMN_MEMORY_MB * 1024 ** 2,
    mqtt:
      env.MQTT_URL === undefined
        ? undefined
        : {
            url: env.MQTT_URL,
            username: env.MQTT_USERNAME,
            password: env.MQTT_PASSWORD,
            caFile: env.MQTT_CA,
            certFile: env.MQTT_CERT,
            keyFile: env.MQTT_KEY,
            clientId: env.MQTT_CLIENT_ID,
            topic: env.MQTT_TOPIC,
          },
    gtfsUrl: env.GTFS_RT_URL,
    readingDays: env.READING_DAYS,
    exportMaxRows: env.EXPORT_MAX_ROWS,
    exportMaxDiskMb: env.EXPORT_MAX_DISK_MB,
    // Real data stays closed unless somebody opens it; the synthetic district has nobody to protect.
    defaultRole: env.DEFAULT_ROLE ?? (demo || embedded ? 'staff' : 'public'),
    tokens: env.ONEMAP_TOKENS,
    notify: notifySettings(env),
  };
}
