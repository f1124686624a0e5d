-- Incidents and the live log: the one truth that screens follow.
--
-- The id of a log row is drawn under a transaction-level advisory lock that is taken last. Such a lock is released
-- after the transaction has become visible, so the next holder draws a higher id only when the previous row can be
-- read: id order = commit order = visibility order, and `where id > cursor` never skips a row. Hence
--   * rows enter app.live_log through app.append_log only, and nothing slow happens after it was called;
--   * the sequence keeps its cache of 1 (a larger cache would hand out ids out of order).

create table app.incident (
  id bigint generated always as identity primary key,
  key text not null unique,
  source text not null,
  category text not null,
  category_zh text not null,
  category_en text not null,
  title text not null,
  severity int2 not null check (severity between 0 and 4),
  lon float8 not null,
  lat float8 not null,
  geom geometry(Point, 4326) not null generated always as (st_setsrid(st_makepoint(lon, lat), 4326)) stored,
  grid_code text not null,
  community_code text not null,
  town_code text not null,
  state text not null default 'open' check (state in ('open', 'closed')),
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  due_at timestamptz,
  closed_at timestamptz,
  -- Disputes, hazards, public order, people under care and personal appeals are never shown to the public.
  restricted boolean not null generated always as (category ~ '^Z0[1-5]') stored,
  check ((state = 'closed') = (closed_at is not null))
);
create index incident_geom on app.incident using gist (geom);
create index incident_open on app.incident (id) where state = 'open';
create index incident_received on app.incident (received_at);
create index incident_closed on app.incident (closed_at) where closed_at is not null;

create table app.live_log (
  id bigint primary key,
  town text not null,
  restricted boolean not null,
  body json not null,
  committed_at timestamptz not null
);
create index live_log_town on app.live_log (town, id);
create index live_log_committed on app.live_log using brin (committed_at);
create sequence app.live_log_id cache 1 owned by app.live_log.id;

-- One row. `seed` tells apart databases that share a system identifier; ids up to `pruned_to` have left the log.
create table app.live_state (
  only_row boolean primary key default true check (only_row),
  seed text not null default md5(random()::text || clock_timestamp()::text),
  pruned_to bigint not null default 0
);
insert into app.live_state default values;

-- Names the history that log ids belong to: cluster, timeline (new after promotion or point-in-time recovery),
-- database. A cursor of another epoch is answered with a reset, never with a silent hole. The timeline is taken from
-- the WAL position, since pg_control_checkpoint() still shows the old one until the first checkpoint after promotion.
create function app.live_epoch() returns text language sql stable as $$
  select left(md5(concat_ws('.',
    (select system_identifier from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (select oid from pg_database where datname = current_database()),
    (select seed from app.live_state))), 12)
$$;

create function app.iso_time(_at timestamptz) returns text language sql stable as $$
  select to_char(_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- An incident as the API speaks of it (`Incident` of server/contract.ts): log, snapshot and single answers agree.
create function app.incident_json(_i app.incident) returns json language sql stable as $$
  select row_to_json(x) from (
    select _i.id, _i.key, _i.source, _i.category,
      (select row_to_json(t) from (select _i.category_zh as zh, _i.category_en as en) t) as "categoryTitle",
      _i.title, _i.severity, _i.lon, _i.lat, _i.grid_code as grid, _i.community_code as community,
      _i.town_code as town, _i.state, app.iso_time(_i.occurred_at) as "occurredAt",
      app.iso_time(_i.received_at) as "receivedAt", app.iso_time(_i.due_at) as "dueAt",
      app.iso_time(_i.closed_at) as "closedAt"
  ) x
$$;

-- Appends to the live log, in the order of the arrays. Call it as the LAST statement before the commit: every other
-- writer waits from here until then.
create function app.append_log(_type text, _town text[], _restricted boolean[], _incident json[]) returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(440604, 1);
  insert into app.live_log (id, town, restricted, body, committed_at)
  select n.id, n.town, n.restricted,
    (select row_to_json(e) from (
      select n.id, _type as type, n.incident, floor(extract(epoch from n.at) * 1000)::bigint as "committedAt") e),
    n.at
  from (
    select nextval('app.live_log_id') as id, u.town, u.restricted, u.incident, clock_timestamp() as at
    from (
      select * from unnest(_town, _restricted, _incident) with ordinality u(town, restricted, incident, ord)
      order by ord
    ) u
  ) n;
  -- A wake-up only. Who misses it finds the rows by polling.
  perform pg_notify('live', '');
end $$;

-- Stores a batch of checked incidents and logs the new ones, in the order given. `_items` is a JSON array of objects
-- with the columns named below. The same key is the same incident for ever: a row is answered for each item, with
-- `is_new` (stored by this call) and `same` (the stored incident has the content of the item).
create function app.ingest_batch(_items json)
returns table (ord bigint, incident_id bigint, is_new boolean, same boolean, grid_code text)
language plpgsql as $$
#variable_conflict use_column
declare
  _ords bigint[];
  _towns text[];
  _restricted boolean[];
  _bodies json[];
begin
  -- Inserting in key order keeps two batches with common keys from waiting for each other in a circle.
  with item as (
    select * from rows from (json_to_recordset(_items) as (key text, source text, category text, category_zh text,
      category_en text, title text, severity int2, lon float8, lat float8, grid_code text, community_code text,
      town_code text, occurred_at timestamptz, received_at timestamptz, due_at timestamptz))
      with ordinality i(key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
      community_code, town_code, occurred_at, received_at, due_at, ord)
  ), first as (
    select distinct on (key) * from item order by key, ord
  ), stored as (
    insert into app.incident (key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
      community_code, town_code, occurred_at, received_at, due_at)
    select key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code, community_code,
      town_code, occurred_at, received_at, due_at
    from first order by key
    on conflict (key) do nothing
    returning key, town_code, restricted, app.incident_json(incident) as body
  )
  select array_agg(first.ord order by first.ord), array_agg(stored.town_code order by first.ord),
    array_agg(stored.restricted order by first.ord), array_agg(stored.body order by first.ord)
  into _ords, _towns, _restricted, _bodies
  from stored join first using (key);

  -- A statement of its own: only a new snapshot sees what another transaction stored while this one waited for it.
  return query
  select item.ord, i.id, fresh.ord is not null,
    (i.source, i.category, i.title, i.severity, i.lon, i.lat, i.occurred_at)
      = (item.source, item.category, item.title, item.severity, item.lon, item.lat, item.occurred_at),
    i.grid_code
  from rows from (json_to_recordset(_items) as (key text, source text, category text, title text, severity int2,
    lon float8, lat float8, occurred_at timestamptz))
    with ordinality item(key, source, category, title, severity, lon, lat, occurred_at, ord)
  join app.incident i on i.key = item.key
  left join unnest(_ords) fresh(ord) on fresh.ord = item.ord;

  if _ords is not null then
    perform app.append_log('incident.created', _towns, _restricted, _bodies);
  end if;
end $$;

-- Closes an incident. No row: there is none with this id. `changed` is false when it was closed before.
create function app.close_incident(_id bigint, _at timestamptz)
returns table (incident json, changed boolean, restricted boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  _row app.incident;
begin
  update app.incident set state = 'closed', closed_at = _at where id = _id and state = 'open' returning * into _row;
  if found then
    return query select app.incident_json(_row), true, _row.restricted;
    perform app.append_log('incident.closed', array[_row.town_code], array[_row.restricted],
      array[app.incident_json(_row)]);
  else
    return query select app.incident_json(i), false, i.restricted from app.incident i where i.id = _id;
  end if;
end $$;

-- Drops log rows older than `_keep` and remembers how far. Answers the number of rows dropped.
create function app.prune_live_log(_keep interval) returns bigint language sql as $$
  with gone as (
    delete from app.live_log where committed_at < clock_timestamp() - _keep returning id
  ), marked as (
    update app.live_state set pruned_to = greatest(pruned_to, (select max(id) from gone))
    where exists (select 1 from gone)
  )
  select count(*) from gone
$$;
