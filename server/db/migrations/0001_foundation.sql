-- Extensions, schemas, and what the loader remembers. Tables of layers are not migrated: each load makes its own.
create extension if not exists postgis;
create extension if not exists pg_trgm;

create schema layers;        -- one table per layer: what is live
create schema layers_next;   -- the same while a load fills it
create schema history;       -- rows that a later load replaced
comment on schema layers is 'One table per layer, made from its definition; swapped by each load';
comment on schema layers_next is 'Tables that a load is filling; nobody else reads them';
comment on schema history is 'Rows that a later load replaced';

-- One attempt to load one file. rows_accepted + rows_quarantined = rows_in once published.
create table app.load (
  load_id serial primary key,
  layer_id text not null,
  source_file text not null,
  sha256 text,
  format text,
  encoding text,
  crs text,
  crs_confidence float4,
  status text not null default 'running' check (status in ('running', 'published', 'failed')),
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  rows_in int not null default 0,
  rows_accepted int not null default 0,
  rows_repaired int not null default 0,
  rows_quarantined int not null default 0,
  rows_unlocated int not null default 0,
  bbox float8[],
  error text,
  report jsonb,
  check (status <> 'published' or rows_accepted + rows_quarantined = rows_in),
  check (rows_repaired <= rows_accepted)
);
comment on column app.load.bbox is '[minLon, minLat, maxLon, maxLat] of the accepted rows, EPSG:4326';
create index load_layer on app.load (layer_id, load_id desc);

-- A row that was not accepted: why, and as it came.
create table app.reject (
  load_id int not null references app.load on delete cascade,
  line int,
  code text not null,
  field text,
  value text,
  message text not null,
  raw jsonb,
  lon float8,
  lat float8
);
comment on column app.reject.line is 'Line of a text file, or number of the feature, from 1';
create index reject_load on app.reject (load_id, line);

-- A row that was accepted after a change.
create table app.repair (
  load_id int not null references app.load on delete cascade,
  source_id text,
  code text not null,
  message text not null
);
create index repair_load on app.repair (load_id);

-- What is live now. Changes in the transaction that swaps the tables, which also notifies channel "layers".
create table app.layer_state (
  layer_id text primary key,
  load_id int not null references app.load,
  rows int not null,
  unlocated int not null default 0,
  bbox float8[],
  published_at timestamptz not null default now()
);

-- Layers that somebody uploaded: definitions of the same shape as in layers/.
create table app.user_layer (
  layer_id text primary key,
  definition jsonb not null,
  created_at timestamptz not null default now()
);

create table app.meta (
  key text primary key,
  value jsonb not null
);
