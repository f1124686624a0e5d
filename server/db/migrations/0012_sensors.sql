-- Readings of sensors and positions of vehicles: one table of each, a partition a day (days of China), so that old days are
-- dropped instead of deleted. Readings that files delivered (0005) move here: there is one store of them.

create table app.reading (
  -- Layer and key of the feature that measures: `water_level_station:440604SW001`.
  sensor text collate "C" not null,
  -- Field of the layer that was measured.
  metric text collate "C" not null,
  at timestamptz not null,
  value float8 not null,
  -- The same sensor, metric and instant is the same reading, however often it is sent.
  primary key (sensor, metric, at)
) partition by range (at);

-- Of a duty that lasts: the process that has it (`server/duty/hold.ts`).
alter table app.duty add column holder text;

-- Who measures: derived from the live sensor layers of the catalogue, renewed with each of their loads.
create table app.sensor (
  id text collate "C" primary key,
  layer text not null,
  fid int8 not null,
  -- Key of the feature in its layer.
  feature text not null,
  title text not null,
  lon float8,
  lat float8,
  grid_code text,
  community_code text,
  town_code text,
  metrics text[] not null,
  -- Seconds from one reading to the next, as a rule.
  interval_s int not null check (interval_s > 0)
);
create index sensor_layer_fid on app.sensor (layer, fid);

-- What the sensors of a layer were derived from; another load or definition makes them anew.
create table app.sensor_source (
  layer text primary key,
  load_id int not null,
  definition text not null,
  derived_at timestamptz not null default clock_timestamp()
);

-- The newest reading of each metric.
create table app.sensor_latest (
  sensor text collate "C" not null,
  metric text collate "C" not null,
  at timestamptz not null,
  value float8 not null,
  -- When the sensor itself spoke last, of whatever instant; null while all that is known came with a file.
  heard_at timestamptz,
  primary key (sensor, metric)
) with (fillfactor = 60);

-- Times in which a sensor that had spoken said nothing for too long. `from_at` is its last reading.
create table app.sensor_silence (
  sensor text collate "C" not null,
  from_at timestamptz not null,
  noticed_at timestamptz not null,
  to_at timestamptz,
  primary key (sensor, from_at)
);
create index sensor_silence_open on app.sensor_silence (sensor) where to_at is null;

-- What was sent and not stored, counted by sensor, metric and reason: unknown sensors wait here to be registered.
create table app.reading_reject (
  sensor text collate "C" not null,
  metric text collate "C" not null,
  code text not null,
  message text not null,
  value text,
  via text not null,
  count bigint not null default 1,
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  primary key (sensor, metric, code)
);
create index reading_reject_last on app.reading_reject (last_at);

-- The log of readings that sensors sent, a row for each commit, in the order in which they became visible: ids are drawn as those
-- of app.live_log, under an advisory lock that is taken last. Who follows it misses none; kept for some hours.
create table app.reading_batch (
  id bigint primary key,
  committed_at timestamptz not null,
  sensor text[] not null,
  metric text[] not null,
  at timestamptz[] not null,
  value float8[] not null
);
create index reading_batch_committed on app.reading_batch using brin (committed_at);
create sequence app.reading_batch_id cache 1 owned by app.reading_batch.id;
create table app.reading_state (
  only_row boolean primary key default true check (only_row),
  -- Batches up to this id have left the log.
  pruned_to bigint not null default 0,
  -- When silence was noted last.
  silence_at timestamptz not null default clock_timestamp()
);
insert into app.reading_state default values;

create table app.position (
  -- Layer of the vehicles (`bus_position`), and number of the vehicle in it.
  kind text collate "C" not null,
  vehicle text collate "C" not null,
  at timestamptz not null,
  lon float8 not null,
  lat float8 not null,
  -- km/h, and degrees clockwise from north.
  speed float4,
  bearing float4,
  primary key (kind, vehicle, at)
) partition by range (at);

create table app.position_latest (
  kind text collate "C" not null,
  vehicle text collate "C" not null,
  at timestamptz not null,
  lon float8 not null,
  lat float8 not null,
  speed float4,
  bearing float4,
  -- What the vehicle runs as: route of a bus.
  label text,
  -- Drawn under a lock in commit order: everything after one that was seen is new.
  seq bigint not null,
  primary key (kind, vehicle)
) with (fillfactor = 60);
create index position_latest_seq on app.position_latest (seq);
create sequence app.position_seq cache 1;

-- Name of the partition of a table for a day of China.
create function app.day_partition(_table text, _day date) returns text language sql immutable as $$
  select _table || '_' || to_char(_day, 'YYYYMMDD')
$$;

-- Makes the partitions of some days that are not there. They are made apart and attached, which holds up neither readers
-- nor writers; the lock keeps two processes from making the same one. Answers how many were made.
create function app.add_days(_table text, _days date[]) returns int language plpgsql as $$
declare
  _day date;
  _name text;
  _made int := 0;
begin
  perform pg_advisory_xact_lock(440604, 4);
  foreach _day in array _days loop
    _name := app.day_partition(_table, _day);
    continue when to_regclass(format('app.%I', _name)) is not null;
    execute format('create table app.%I (like app.%I including all)', _name, _table);
    execute format('alter table app.%I attach partition app.%I for values from (%L) to (%L)', _table, _name,
      _day::timestamp at time zone 'Asia/Shanghai', (_day + 1)::timestamp at time zone 'Asia/Shanghai');
    _made := _made + 1;
  end loop;
  return _made;
end $$;

-- Drops the partitions of all days before one. Answers how many were dropped.
create function app.drop_days(_table text, _before date) returns int language plpgsql as $$
declare
  _name text;
  _dropped int := 0;
begin
  perform pg_advisory_xact_lock(440604, 4);
  for _name in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = format('app.%I', _table)::regclass and c.relname < app.day_partition(_table, _before)
    order by 1
  loop
    execute format('drop table app.%I', _name);
    _dropped := _dropped + 1;
  end loop;
  return _dropped;
end $$;

-- Stores readings that were checked; times are ms since 1970. What is known already is left as it is. Notes the newest of each
-- sensor, and the new ones in the log. `stored`: how many were new; `differing`: ordinals of those whose instant is taken by another
-- value.
create function app.store_readings(_sensor text[], _metric text[], _at float8[], _value float8[],
  out stored int, out batch bigint, out differing int[])
language plpgsql as $$
declare
  _sensors text[];
  _metrics text[];
  _ats timestamptz[];
  _values float8[];
begin
  -- In one order, so that two batches with common sensors do not wait for each other in a circle.
  with fresh as (
    insert into app.reading as r (sensor, metric, at, value)
    select u.sensor, u.metric, to_timestamp(u.ms / 1000), u.value
    from unnest(_sensor, _metric, _at, _value) u(sensor, metric, ms, value) order by 1, 2, 3
    on conflict do nothing
    returning r.sensor, r.metric, r.at, r.value
  ), newest as (
    insert into app.sensor_latest as l (sensor, metric, at, value, heard_at)
    select distinct on (f.sensor, f.metric) f.sensor, f.metric, f.at, f.value, clock_timestamp()
    from fresh f order by f.sensor, f.metric, f.at desc
    on conflict (sensor, metric) do update set
      at = greatest(l.at, excluded.at),
      value = case when excluded.at > l.at then excluded.value else l.value end,
      heard_at = excluded.heard_at
  )
  select count(*)::int, array_agg(f.sensor), array_agg(f.metric), array_agg(f.at), array_agg(f.value)
  into stored, _sensors, _metrics, _ats, _values from fresh f;

  if stored < cardinality(_sensor) then
    -- A statement of its own sees what another transaction stored while this one waited for it.
    select array_agg(u.ord::int) into differing
    from unnest(_sensor, _metric, _at, _value) with ordinality u(sensor, metric, ms, value, ord)
    cross join lateral (
      select r.value from app.reading r
      where r.sensor = u.sensor and r.metric = u.metric and r.at = to_timestamp(u.ms / 1000) offset 0
    ) known
    where known.value <> u.value;
  end if;

  if stored > 0 then
    perform pg_advisory_xact_lock(440604, 2);
    batch := nextval('app.reading_batch_id');
    insert into app.reading_batch (id, committed_at, sensor, metric, at, value)
    values (batch, clock_timestamp(), _sensors, _metrics, _ats, _values);
    perform pg_notify('readings', '');
  end if;
end $$;

-- Drops batches older than `_keep` and remembers how far. Answers how many were dropped.
create function app.prune_readings(_keep interval) returns bigint language sql as $$
  with gone as (
    delete from app.reading_batch where committed_at < clock_timestamp() - _keep returning id
  ), marked as (
    update app.reading_state set pruned_to = greatest(pruned_to, (select max(id) from gone))
    where exists (select 1 from gone)
  )
  select count(*) from gone
$$;

-- Stores positions; times are ms since 1970. Only a newer one becomes the latest of its vehicle. Answers how many were new.
create function app.store_positions(_kind text[], _vehicle text[], _at float8[], _lon float8[], _lat float8[],
  _speed float4[], _bearing float4[], _label text[]) returns int
language plpgsql as $$
declare
  _seq bigint;
  _stored int;
begin
  insert into app.position (kind, vehicle, at, lon, lat, speed, bearing)
  select u.kind, u.vehicle, to_timestamp(u.ms / 1000), u.lon, u.lat, u.speed, u.bearing
  from unnest(_kind, _vehicle, _at, _lon, _lat, _speed, _bearing) u(kind, vehicle, ms, lon, lat, speed, bearing)
  order by 1, 2, 3
  on conflict do nothing;
  get diagnostics _stored = row_count;
  -- Held until the commit: who reads up to a number has seen all below it.
  perform pg_advisory_xact_lock(440604, 3);
  _seq := nextval('app.position_seq');
  insert into app.position_latest as l (kind, vehicle, at, lon, lat, speed, bearing, label, seq)
  select distinct on (u.kind, u.vehicle) u.kind, u.vehicle, to_timestamp(u.ms / 1000), u.lon, u.lat, u.speed, u.bearing,
    u.label, _seq
  from unnest(_kind, _vehicle, _at, _lon, _lat, _speed, _bearing, _label)
    u(kind, vehicle, ms, lon, lat, speed, bearing, label)
  order by u.kind, u.vehicle, u.ms desc
  on conflict (kind, vehicle) do update set at = excluded.at, lon = excluded.lon, lat = excluded.lat,
    speed = excluded.speed, bearing = excluded.bearing, label = coalesce(excluded.label, l.label), seq = excluded.seq
  where excluded.at > l.at;
  return _stored;
end $$;

-- Readings of files: their sensor is the feature, each of their values a metric.
do $$
declare
  _series record;
  _metric text;
  _n int;
begin
  perform app.add_days('reading', (select array_agg(distinct (at at time zone 'Asia/Shanghai')::date) from app.observation))
  where exists (select from app.observation);
  for _series in select * from app.series loop
    continue when to_regclass(format('layers.%I', _series.layer_id)) is null;
    for _metric, _n in select * from unnest(_series.fields) with ordinality loop
      execute format($sql$
        insert into app.reading (sensor, metric, at, value)
        select $1 || ':' || l.source_id, $2, o.at, o.v%s from app.observation o join layers.%I l using (fid)
        where o.series_id = $3 and o.v%s is not null on conflict do nothing$sql$, _n, _series.layer_id, _n)
      using _series.layer_id, _metric, _series.series_id;
    end loop;
  end loop;
end $$;
insert into app.sensor_latest (sensor, metric, at, value)
select distinct on (sensor, metric) sensor, metric, at, value from app.reading order by sensor, metric, at desc;
drop table app.observation;
comment on table app.series is 'Files of readings that were delivered for a layer: what they hold is in app.reading';
