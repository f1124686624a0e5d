-- The state machine of incidents (`server/workflow/`): clocks that stop and go on, escalation, sub-tasks, photos, ratings.

alter table app.incident
  -- Grows with every entry of the history: who saw an older one must look again before changing anything.
  add column version int not null default 0,
  -- What it was reported as, where that was changed: a report that is sent again is still the same.
  add column reported_category text,
  add column reported_severity int2,
  -- When the lights of the matter and of the stage turn yellow; `due_at` and `stage_due_at` turn them red.
  add column warn_at timestamptz,
  add column stage_warn_at timestamptz,
  -- The limit that the clock of the matter runs on, and how much an extension added to it, in the same unit.
  add column limit_amount float8,
  add column limit_unit text,
  add column limit_added float8 not null default 0,
  -- ms of its unit left on the clock while it stands (`due_at` is null then); null while it runs.
  add column clock_left float8,
  add column stage_since timestamptz,
  add column dispatched_at timestamptz,
  add column extensions int2 not null default 0,
  -- How long an extension was asked for, until it is decided.
  add column extension_asked float8,
  add column reworks int2 not null default 0,
  -- 督办: how often (100, 150, 200 % of the limit), and when next.
  add column supervision int2 not null default 0,
  add column supervise_at timestamptz,
  -- 吹哨报到: 0 grid, 1 community, 2 town, 3 district, 4 leader; when it goes on to the next one.
  add column escalation int2 not null default 0 check (escalation between 0 and 4),
  add column escalate_at timestamptz;

-- What was there before had no stages.
update app.incident set stage = 'closed' where state = 'closed' and stage = 'collected';
update app.incident set stage_due_at = coalesce(due_at, now()) where state = 'open' and stage_due_at is null;
update app.incident set stage_since = coalesce(closed_at, received_at);

create index incident_supervise on app.incident (supervise_at) where state = 'open' and supervise_at is not null;
create index incident_escalate on app.incident (escalate_at) where state = 'open' and escalate_at is not null;
create index incident_evaluate on app.incident (stage_due_at) where stage = 'closed';

-- When the stage that a move entered must be left.
alter table app.incident_event add column stage_due_after timestamptz;

-- One department's part of a matter that several work on.
create table app.incident_task (
  id bigint generated always as identity primary key,
  incident_id bigint not null references app.incident,
  department text not null,
  -- What is to be done, and what was.
  instruction text,
  result text,
  state text not null default 'open' check (state in ('open', 'acknowledged', 'arrived', 'done', 'cancelled')),
  created_at timestamptz not null,
  created_by text not null,
  due_at timestamptz,
  acknowledged_at timestamptz,
  arrived_at timestamptz,
  done_at timestamptz,
  cancelled_at timestamptz,
  check ((state = 'done') = (done_at is not null)),
  check ((state = 'cancelled') = (cancelled_at is not null))
);
create index incident_task_incident on app.incident_task (incident_id);
-- A department has one part at a time.
create unique index incident_task_present on app.incident_task (incident_id, department)
  where state not in ('done', 'cancelled');

-- Photos and videos; the files are in DATA_DIR/media under their SHA-256.
create table app.incident_media (
  id bigint generated always as identity primary key,
  incident_id bigint not null references app.incident,
  phase text not null check (phase in ('report', 'before', 'after')),
  media_type text not null,
  bytes int not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  at timestamptz not null,
  actor text not null,
  post text not null,
  -- Taken out again, for what it shows: the row stays, the file goes when nobody else has it.
  removed_at timestamptz,
  unique (incident_id, phase, sha256)
);

-- How content the reporter is: the latest word counts, the earlier ones are in the history.
create table app.incident_rating (
  incident_id bigint primary key references app.incident,
  -- 4 very satisfied, 3 satisfied, 2 dissatisfied, 1 very dissatisfied.
  score int2 not null check (score between 1 and 4),
  comment text,
  rated_by text not null check (rated_by in ('reporter', 'staff')),
  at timestamptz not null
);

-- One row: what the links by which reporters rate are signed with.
create table app.rating_secret (
  only_row boolean primary key default true check (only_row),
  secret text not null default gen_random_uuid()::text || gen_random_uuid()::text
);
insert into app.rating_secret default values;

create or replace function app.incident_json(_i app.incident) returns json language sql stable as $$
  select row_to_json(x) from (
    select _i.id, _i.key, _i.source, _i.category,
      (select row_to_json(t) from (select _i.category_zh as zh, _i.category_en as en) t) as "categoryTitle",
      _i.title, _i.severity, _i.lon, _i.lat, _i.grid_code as grid, _i.community_code as community,
      _i.town_code as town, _i.state, _i.stage, _i.version, _i.department, _i.assignee, _i.parent_id as parent,
      _i.report_count as reports, app.iso_time(_i.occurred_at) as "occurredAt",
      app.iso_time(_i.received_at) as "receivedAt", app.iso_time(_i.warn_at) as "warnAt",
      app.iso_time(_i.due_at) as "dueAt", app.iso_time(_i.stage_warn_at) as "stageWarnAt",
      app.iso_time(_i.stage_due_at) as "stageDueAt", app.iso_time(_i.closed_at) as "closedAt"
  ) x
$$;

-- As before, with the clocks that run from the receipt on.
create or replace function app.ingest_batch(_items json)
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
      town_code text, occurred_at timestamptz, received_at timestamptz, due_at timestamptz, warn_at timestamptz,
      stage_due_at timestamptz, stage_warn_at timestamptz, limit_amount float8, limit_unit text, escalate_at timestamptz))
      with ordinality i(key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
      community_code, town_code, occurred_at, received_at, due_at, warn_at, stage_due_at, stage_warn_at, limit_amount,
      limit_unit, escalate_at, ord)
  ), first as (
    select distinct on (key) * from item order by key, ord
  ), stored as (
    insert into app.incident (key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
      community_code, town_code, occurred_at, received_at, due_at, warn_at, stage_due_at, stage_warn_at, limit_amount,
      limit_unit, escalate_at, supervise_at, stage_since)
    select key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code, community_code,
      town_code, occurred_at, received_at, due_at, warn_at, stage_due_at, stage_warn_at, limit_amount, limit_unit,
      escalate_at, due_at, received_at
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
    (i.source, coalesce(i.reported_category, i.category), i.title, coalesce(i.reported_severity, i.severity), i.lon,
      i.lat, i.occurred_at) = (item.source, item.category, item.title, item.severity, item.lon, item.lat,
      item.occurred_at),
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

-- Closing is a move of the machine now.
drop function app.close_incident(bigint, timestamptz);
