-- Readings of live layers over time. Layers keep what is true now and are swapped as a whole; readings are added.
create table app.series (
  series_id int generated always as identity primary key,
  layer_id text not null unique,
  -- What v1, v2 … of its readings are, by the names of the layer's fields.
  fields text[] not null check (cardinality(fields) between 1 and 6),
  load_id int not null references app.load,
  from_at timestamptz not null,
  to_at timestamptz not null
);
comment on column app.series.load_id is 'The delivery that was added last; its layer_id is that of the layer with .series behind it';

create table app.observation (
  series_id int not null references app.series on delete cascade,
  fid int8 not null,
  at timestamptz not null,
  v1 float8, v2 float8, v3 float8, v4 float8, v5 float8, v6 float8,
  -- In the order in which a curve is read; a reading that is delivered again replaces itself.
  primary key (series_id, fid, at)
);
-- Deliveries come in the order of time: a few pages say which blocks are old enough to go.
create index observation_at on app.observation using brin (at);
