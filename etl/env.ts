/** What the environment says. The only reader of `process.env` in etl/. */
export interface EtlEnv {
  /** Connection string of a PostgreSQL server, or undefined for the embedded database. */
  databaseUrl: string | undefined;
  /** Folder of the embedded database, of deliveries and of load reports. */
  dataDir: string;
  /** Port the dashboard listens on; only used to print links. */
  port: number;
}

export function readEnv(env: NodeJS.ProcessEnv = process.env): EtlEnv {
  return {
    databaseUrl: env.DATABASE_URL || undefined,
    dataDir: env.DATA_DIR || './data',
    port: Number(env.PORT) || 8080,
  };
}
