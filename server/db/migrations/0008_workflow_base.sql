-- What the workflow of an incident stands on: where it is, its history, entries of the live log of any kind, and who
-- does the work that only one process may do.

alter table app.incident
  -- States of the seven stages, `server/workflow/`. `state` stays what screens count: open until the case is over.
  add column stage text not null default 'collected',
  -- When the present stage must be left.
  add column stage_due_at timestamptz,
  -- Id of the lead department (`layers/departments.ts`), and source_id of the grid staff (`grid_staff`) who has it.
  add column department text,
  add column assignee text,
  -- The incident that this one is a report of, and how many reports an incident has, itself included.
  add column parent_id bigint references app.incident check (parent_id <> id),
  add column report_count int not null default 1 check (report_count >= 1),
  add column updated_at timestamptz;
create index incident_parent on app.incident (parent_id) where parent_id is not null;
create index incident_stage_due on app.incident (stage_due_at) where state = 'open' and stage_due_at is not null;
-- "The same kind near here lately".
create index incident_category on app.incident (category, received_at);
create index incident_grid on app.incident (grid_code, received_at);

-- What happened to an incident: rows are added, never changed. Its receipt is the incident's own row.
create table app.incident_event (
  id bigint generated always as identity primary key,
  incident_id bigint not null references app.incident,
  at timestamptz not null,
  -- A move of the state machine, or what leaves the stage as it is: comment, link, dispatch …
  move text not null,
  from_stage text,
  to_stage text,
  -- Who did it: name of the person or of the part of the service, the post they held, their department.
  actor text not null,
  post text,
  department text,
  reason text,
  -- The limit before and after, where the move changed it.
  due_before timestamptz,
  due_after timestamptz,
  detail jsonb
);
create index incident_event_incident on app.incident_event (incident_id, id);
create index incident_event_at on app.incident_event (at);
create function app.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger incident_event_is_history before update or delete on app.incident_event
  for each row execute function app.refuse_change();

create or replace function app.incident_json(_i app.incident) returns json language sql stable as $$
  select row_to_json(x) from (
    select _i.id, _i.key, _i.source, _i.category,
      (select row_to_json(t) from (select _i.category_zh as zh, _i.category_en as en) t) as "categoryTitle",
      _i.title, _i.severity, _i.lon, _i.lat, _i.grid_code as grid, _i.community_code as community,
      _i.town_code as town, _i.state, _i.stage, _i.department, _i.assignee, _i.parent_id as parent,
      _i.report_count as reports, app.iso_time(_i.occurred_at) as "occurredAt",
      app.iso_time(_i.received_at) as "receivedAt", app.iso_time(_i.due_at) as "dueAt",
      app.iso_time(_i.stage_due_at) as "stageDueAt", app.iso_time(_i.closed_at) as "closedAt"
  ) x
$$;

-- Appends entries of any type to the live log, in the order of the arrays. The part of a type before the dot names
-- the body: `alarm.raised` travels as {id, type, alarm: …, committedAt}. Call it as the LAST statement before the
-- commit: every other writer waits from here until then.
create function app.append_entries(_type text[], _town text[], _restricted boolean[], _body json[]) returns void
language plpgsql as $$
begin
  if coalesce(cardinality(_type), 0) = 0 then return; end if;
  perform pg_advisory_xact_lock(440604, 1);
  insert into app.live_log (id, town, restricted, body, committed_at)
  select n.id, n.town, n.restricted,
    json_build_object('id', n.id, 'type', n.type, split_part(n.type, '.', 1), n.body,
      'committedAt', floor(extract(epoch from n.at) * 1000)::bigint),
    n.at
  from (
    select nextval('app.live_log_id') as id, u.type, u.town, u.restricted, u.body, clock_timestamp() as at
    from (
      select * from unnest(_type, _town, _restricted, _body) with ordinality u(type, town, restricted, body, ord)
      order by ord
    ) u
  ) n;
  -- A wake-up only. Who misses it finds the rows by polling.
  perform pg_notify('live', '');
end $$;

-- Logs the incidents as they are now, each once, as `_type`, e.g. 'incident.updated'. The LAST statement before the commit.
create function app.log_incidents(_type text, _ids bigint[]) returns void language sql as $$
  select app.append_entries(array_agg(_type order by i.id), array_agg(i.town_code order by i.id),
    array_agg(i.restricted order by i.id), array_agg(app.incident_json(i) order by i.id))
  from app.incident i where i.id = any (_ids)
$$;

-- Work that one process at a time does, whatever the number of processes: the row is locked while it is done, and what
-- was done is noted in the same transaction. A process that dies lets go of the lock with its connection.
create table app.duty (
  name text primary key,
  ran_at timestamptz not null default '-infinity',
  -- Followers of the live log: what has been dealt with, in which log.
  epoch text,
  log_id bigint
);
