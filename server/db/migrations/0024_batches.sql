-- Storing batches at less cost: columns come as texts that are cut at U+001F, which no stored text holds, and what the log
-- tells of a new incident is written by the API (`server/incidents/store.ts`); the database adds the ids. Indexes that no query
-- used are gone.

-- Nobody asks for the incidents of a micro-grid by time; screens of one town read the log by its ids, a few thousand at most.
drop index app.incident_grid;
drop index app.live_log_town;

-- `app.ingest_batch` and `app.append_log` stay: a process of the version before may store by them until it is replaced.

-- Logs new incidents in the order of the arrays. `_body` is what `app.incident_json` says of each without its beginning,
-- `{"id":…,`. The LAST statement before the commit: every other writer waits from here until then.
create function app.log_created(_id bigint[], _town text[], _restricted boolean[], _body text[]) returns void
language plpgsql as $$
declare
  _at timestamptz;
begin
  perform pg_advisory_xact_lock(440604, 1);
  _at := clock_timestamp();
  insert into app.live_log (id, town, restricted, body, committed_at)
  select n.id, n.town, n.restricted,
    ('{"id":' || n.id || ',"type":"incident.created","incident":{"id":' || n.incident || ',' || n.body || ',"committedAt":'
      || floor(extract(epoch from _at) * 1000)::bigint || '}')::json,
    _at
  from (
    select nextval('app.live_log_id') as id, u.incident, u.town, u.restricted, u.body
    from unnest(_id, _town, _restricted, _body) u(incident, town, restricted, body)
  ) n;
  -- A wake-up only. Who misses it finds the rows by polling.
  perform pg_notify('live', '');
end $$;

-- Stores a batch of checked incidents and logs the new ones. Each argument is a column; the rows are in the order of their keys,
-- so that two batches with common keys do not wait for each other in a circle, and `_ord` is where each stood before, from 1:
-- they are logged in that order. `_again` is 1 for those whose key is there before. Times are ms since 1970.
-- `ords` and `ids` name the new ones, cut at commas; `known` tells of the others: [[ord, id, same, grid], …], `same` when the
-- stored incident has the content of this one.
create function app.store_incidents(_ord text, _again text, _key text, _source text, _category text, _category_zh text,
  _category_en text, _title text, _severity text, _lon text, _lat text, _grid text, _community text, _town text,
  _occurred text, _received text, _due text, _warn text, _stage_due text, _stage_warn text, _limit_amount text,
  _limit_unit text, _escalate text, _body text)
returns table (ords text, ids text, known json)
language plpgsql as $$
#variable_conflict use_column
declare
  _cut constant text := chr(31);
  _places int[] := string_to_array(_ord, _cut)::int[];
  _repeats int[] := string_to_array(_again, _cut, '')::int[];
  _keys text[] := string_to_array(_key, _cut);
  _sources text[] := string_to_array(_source, _cut);
  _categories text[] := string_to_array(_category, _cut);
  _titles text[] := string_to_array(_title, _cut);
  _severities int2[] := string_to_array(_severity, _cut)::int2[];
  _lons float8[] := string_to_array(_lon, _cut)::float8[];
  _lats float8[] := string_to_array(_lat, _cut)::float8[];
  _towns text[] := string_to_array(_town, _cut);
  _occurreds float8[] := string_to_array(_occurred, _cut)::float8[];
  _new int[];
  _new_ids bigint[];
  _new_towns text[];
  _restricted boolean[];
  _bodies text[];
  _known json;
begin
  with stored as (
    insert into app.incident (key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
      community_code, town_code, occurred_at, received_at, due_at, warn_at, stage_due_at, stage_warn_at, limit_amount,
      limit_unit, escalate_at, supervise_at, stage_since)
    select key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code, community_code,
      town_code, to_timestamp(occurred / 1000), to_timestamp(received / 1000), to_timestamp(due / 1000),
      to_timestamp(warn / 1000), to_timestamp(stage_due / 1000), to_timestamp(stage_warn / 1000), limit_amount, limit_unit,
      to_timestamp(escalate / 1000), to_timestamp(due / 1000), to_timestamp(received / 1000)
    from unnest(_keys, _sources, _categories, string_to_array(_category_zh, _cut), string_to_array(_category_en, _cut),
      _titles, _severities, _lons, _lats, string_to_array(_grid, _cut), string_to_array(_community, _cut), _towns,
      _occurreds, string_to_array(_received, _cut)::float8[], string_to_array(_due, _cut, '')::float8[],
      string_to_array(_warn, _cut, '')::float8[], string_to_array(_stage_due, _cut, '')::float8[],
      string_to_array(_stage_warn, _cut, '')::float8[], string_to_array(_limit_amount, _cut)::float8[],
      string_to_array(_limit_unit, _cut), string_to_array(_escalate, _cut, '')::float8[])
      i(key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code, community_code, town_code,
      occurred, received, due, warn, stage_due, stage_warn, limit_amount, limit_unit, escalate)
    on conflict (key) do nothing
    returning id, key, restricted
  )
  select array_agg(ord), array_agg(id), array_agg(town), array_agg(restricted), array_agg(body)
  into _new, _new_ids, _new_towns, _restricted, _bodies
  from (
    select i.ord, s.id, i.town, s.restricted, i.body
    from unnest(_places, _repeats, _keys, _towns, string_to_array(_body, _cut)) i(ord, again, key, town, body)
    join stored s on s.key = i.key
    where i.again is null
    order by i.ord
  ) fresh;

  if coalesce(cardinality(_new), 0) < cardinality(_keys) then
    -- A statement of its own: only a new snapshot sees what another transaction stored while this one waited for it.
    -- `offset 0`: every key by its index, whatever the planner believes of a table that nobody has counted yet.
    select json_agg(json_build_array(item.ord, i.id, i.same, i.grid_code)) into _known
    from unnest(_places, _keys, _sources, _categories, _titles, _severities, _lons, _lats, _occurreds)
      item(ord, key, source, category, title, severity, lon, lat, occurred)
    left join unnest(_new) n(ord) on n.ord = item.ord
    cross join lateral (
      select i.id, i.grid_code,
        (i.source, coalesce(i.reported_category, i.category), i.title, coalesce(i.reported_severity, i.severity), i.lon,
          i.lat, i.occurred_at) = (item.source, item.category, item.title, item.severity, item.lon, item.lat,
          to_timestamp(item.occurred / 1000)) as same
      from app.incident i where i.key = item.key offset 0
    ) i
    where n.ord is null;
  end if;

  ords := array_to_string(_new, ',');
  ids := array_to_string(_new_ids, ',');
  known := _known;
  return next;

  if _new is not null then
    perform app.log_created(_new_ids, _new_towns, _restricted, _bodies);
  end if;
end $$;
