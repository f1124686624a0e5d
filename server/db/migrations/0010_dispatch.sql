-- Who is on shift, and who was asked to go where.

-- Stands for one of the grid staff where their number may not be told: the seed is of this database and never leaves it.
create function app.staff_handle(_staff text) returns text language sql stable as $$
  select left(encode(sha256(convert_to((select seed from app.live_state) || ':staff:' || _staff, 'UTF8')), 'hex'), 16)
$$;

-- The rota. Who is not in it on a day is on shift when the layer of grid staff says so.
create table app.shift (
  id bigint generated always as identity primary key,
  -- source_id of a row of the layer `grid_staff_position`.
  staff text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  -- Post they hold, e.g. full_time, part_time, leader.
  post text not null,
  -- Beginnings of the categories they are trained for.
  skills text[] not null default '{}',
  -- Where the entry comes from; `demo` was made up for the demo district.
  source text not null,
  unique (staff, starts_at)
);
create index shift_staff on app.shift (staff, ends_at);

-- Bodies in charge that differ from the rules of `server/dispatch/responsibility.ts`, in one area.
create table app.responsibility (
  -- Beginning of the categories it is about.
  category text not null,
  -- Micro-grid, community or town.
  area text not null,
  -- Id of a department (`layers/departments.ts`).
  department text not null,
  note text,
  primary key (category, area)
);

-- One request to one candidate. Whoever is asked must say yes in time; who is silent or says no is followed by the next.
create table app.dispatch (
  id bigint generated always as identity primary key,
  incident_id bigint not null references app.incident,
  kind text not null check (kind in ('staff', 'department', 'community', 'town')),
  -- Handle of the staff (`app.staff_handle`), id of the department, code of the community or town.
  candidate text not null,
  -- What they are called, as it may be shown: names are masked.
  title jsonb not null,
  -- Place among the suggestions, from 1; null for who was not among them.
  rank int check (rank >= 1),
  -- Score, its parts and the facts behind them, as they were.
  reasons jsonb not null,
  -- Who is asked next, one after the other, when this one is silent or says no: {kind, id, title, rank, reasons}.
  next jsonb not null default '[]',
  -- Why somebody else than the first suggestion was chosen.
  override_reason text,
  actor text not null,
  asked_at timestamptz not null,
  -- Until when an answer is waited for.
  due_at timestamptz not null,
  acknowledged_at timestamptz,
  declined_at timestamptz,
  decline_reason text,
  escalated_at timestamptz,
  -- Somebody else was asked by hand in the meantime, or the incident was over.
  withdrawn_at timestamptz,
  -- The request that this one follows up.
  follows bigint references app.dispatch,
  check (num_nonnulls(acknowledged_at, declined_at, escalated_at, withdrawn_at) <= 1)
);
create index dispatch_incident on app.dispatch (incident_id, id);
-- One request at a time waits for an answer.
create unique index dispatch_waiting on app.dispatch (incident_id)
  where num_nonnulls(acknowledged_at, declined_at, escalated_at, withdrawn_at) = 0;
create index dispatch_due on app.dispatch (due_at)
  where num_nonnulls(acknowledged_at, declined_at, escalated_at, withdrawn_at) = 0;

-- Open load of a person and of a department.
create index incident_assignee on app.incident (assignee) where state = 'open' and assignee is not null;
create index incident_department on app.incident (department) where state = 'open' and department is not null;
