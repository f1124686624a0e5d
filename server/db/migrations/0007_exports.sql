-- Selections that are being written to a file, or wait to be fetched. The file itself lies in DATA_DIR/exports.
create table app.export (
  export_id uuid primary key default gen_random_uuid(),
  -- Who asked: role, and the beginning of the SHA-256 of the token. Nobody else is told that it exists.
  role text not null,
  token text,
  layer_id text not null,
  load_id int,
  format text not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'ready', 'failed', 'cancelled')),
  phase text check (phase in ('reading', 'converting', 'packing')),
  rows_total int not null,
  rows_done int not null default 0,
  bytes bigint not null default 0,
  file text,
  name text,
  error_code text,
  error text,
  created_at timestamptz not null default now(),
  -- The process that makes it says so again every second; silent for long, it is gone.
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index export_expires on app.export (expires_at);
