-- Storing batches at less cost once more: fewer indexes, no join of what was stored with what was sent, no row for each
-- column that another one tells.

-- All that is open is found by one index, which also has the order in which the service itself acts on it next
-- (`server/workflow/take-on-escalation.ts`): supervision or escalation, whichever comes first.
create index incident_acts on app.incident (least(supervise_at, escalate_at)) where state = 'open';
drop index app.incident_supervise;
drop index app.incident_escalate;
drop index app.incident_open;

-- `app.store_incidents` and `app.log_created` stay: a process of the version before may store by them until it is replaced.

-- Logs new incidents in the order of the arrays. `_rest` is what `app.incident_json` says of each from behind its id on,
-- `,"key":…`; a restricted one has a 1 in `_restricted`. The LAST statement before the commit: every other writer waits from here
-- until then.
create function app.log_taken(_id bigint[], _town text[], _restricted text[], _rest text[]) returns void
language plpgsql as $$
declare
  _at timestamptz;
  _end text;
begin
  perform pg_advisory_xact_lock(440604, 1);
  _at := clock_timestamp();
  _end := ',"committedAt":' || floor(extract(epoch from _at) * 1000)::bigint || '}';
  insert into app.live_log (id, town, restricted, body, committed_at)
  select n.id, n.town, n.restricted = '1',
    ('{"id":' || n.id || ',"type":"incident.created","incident":{"id":' || n.incident || n.rest || _end)::json, _at
  from (
    select nextval('app.live_log_id') as id, u.incident, u.town, u.restricted, u.rest
    from unnest(_id, _town, _restricted, _rest) u(incident, town, restricted, rest)
  ) n;
  -- A wake-up only. Who misses it finds the rows by polling.
  perform pg_notify('live', '');
end $$;

-- Stores a batch of checked incidents and logs the new ones. Each argument is a column, cut at U+001F, which no stored text
-- holds. Up to `_escalate` the rows are in the order of their keys, so that two batches with common keys do not wait for each
-- other in a circle, and `_place` is where each stood before, from 1; the `_log_…` are in that order, in which ids are given and
-- the log is written. Times are ms since 1970.
-- `ids` has the id of each that is new, by place, cut at commas, and nothing for the others, of which `known` tells:
-- [[place, id, same, grid], …], `same` when the stored incident has the content of this one.
create function app.take_incidents(_count int, _place text, _key text, _source text, _category text, _category_zh text,
  _category_en text, _title text, _severity text, _lon text, _lat text, _grid text, _occurred text, _received text, _due text,
  _warn text, _stage_due text, _stage_warn text, _limit_amount text, _limit_unit text, _escalate text, _log_town text,
  _log_restricted text, _log_rest text)
returns table (ids text, known json)
language plpgsql as $$
#variable_conflict use_column
declare
  _cut constant text := chr(31);
  _ids bigint[] := array(select nextval('app.incident_id_seq') from generate_series(1, _count));
  _places int[] := string_to_array(_place, _cut)::int[];
  _keys text[] := string_to_array(_key, _cut);
  _towns text[] := string_to_array(_log_town, _cut);
  _restricted text[] := string_to_array(_log_restricted, null);
  _rests text[] := string_to_array(_log_rest, _cut);
  _stored int;
  _new int[];
  _known json;
begin
  insert into app.incident (id, key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
    community_code, town_code, occurred_at, received_at, due_at, warn_at, stage_due_at, stage_warn_at, limit_amount,
    limit_unit, escalate_at, supervise_at, stage_since)
  overriding system value
  select _ids[place], key, source, category, category_zh, category_en, title, severity, lon, lat, grid, left(grid, 12),
    left(grid, 9) || '000', to_timestamp(occurred / 1000), to_timestamp(received / 1000), to_timestamp(due / 1000),
    to_timestamp(warn / 1000), to_timestamp(stage_due / 1000), to_timestamp(stage_warn / 1000), limit_amount, limit_unit,
    to_timestamp(escalate / 1000), to_timestamp(due / 1000), to_timestamp(received / 1000)
  from unnest(_places, _keys, string_to_array(_source, _cut), string_to_array(_category, _cut),
    string_to_array(_category_zh, _cut), string_to_array(_category_en, _cut), string_to_array(_title, _cut),
    string_to_array(_severity, _cut)::int2[], string_to_array(_lon, _cut)::float8[], string_to_array(_lat, _cut)::float8[],
    string_to_array(_grid, _cut), string_to_array(_occurred, _cut)::float8[], string_to_array(_received, _cut)::float8[],
    string_to_array(_due, _cut, '')::float8[], string_to_array(_warn, _cut, '')::float8[],
    string_to_array(_stage_due, _cut, '')::float8[], string_to_array(_stage_warn, _cut, '')::float8[],
    string_to_array(_limit_amount, _cut)::float8[], string_to_array(_limit_unit, _cut),
    string_to_array(_escalate, _cut, '')::float8[])
    i(place, key, source, category, category_zh, category_en, title, severity, lon, lat, grid, occurred, received, due, warn,
    stage_due, stage_warn, limit_amount, limit_unit, escalate)
  on conflict (key) do nothing;
  get diagnostics _stored = row_count;

  if _stored < _count then
    -- Statements of their own: only a new snapshot sees what another transaction stored while this one waited for it.
    -- `offset 0`: every row by its index, whatever the planner believes of a table that nobody has counted yet.
    select array_agg(u.place::int order by u.place) into _new
    from unnest(_ids) with ordinality u(id, place)
    cross join lateral (select from app.incident i where i.id = u.id offset 0) i;

    select json_agg(json_build_array(item.place, i.id, i.same, i.grid_code)) into _known
    from unnest(_places, _keys, string_to_array(_source, _cut), string_to_array(_category, _cut), string_to_array(_title, _cut),
      string_to_array(_severity, _cut)::int2[], string_to_array(_lon, _cut)::float8[], string_to_array(_lat, _cut)::float8[],
      string_to_array(_occurred, _cut)::float8[])
      item(place, key, source, category, title, severity, lon, lat, occurred)
    left join unnest(_new) n(place) on n.place = item.place
    cross join lateral (
      select i.id, i.grid_code,
        (i.source, coalesce(i.reported_category, i.category), i.title, coalesce(i.reported_severity, i.severity), i.lon,
          i.lat, i.occurred_at) = (item.source, item.category, item.title, item.severity, item.lon, item.lat,
          to_timestamp(item.occurred / 1000)) as same
      from app.incident i where i.key = item.key offset 0
    ) i
    where n.place is null;

    select array_agg(case when n.place is not null then u.id end order by u.place),
      array_agg(u.town order by u.place) filter (where n.place is not null),
      array_agg(u.restricted order by u.place) filter (where n.place is not null),
      array_agg(u.rest order by u.place) filter (where n.place is not null)
    into _ids, _towns, _restricted, _rests
    from unnest(_ids, _towns, _restricted, _rests) with ordinality u(id, town, restricted, rest, place)
    left join unnest(_new) n(place) on n.place = u.place;
  end if;

  ids := array_to_string(_ids, ',', '');
  known := _known;
  return next;

  if _stored > 0 then
    perform app.log_taken(array_remove(_ids, null), _towns, _restricted, _rests);
  end if;
end $$;
