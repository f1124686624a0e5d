-- What a layer was before: each load that was replaced stays as a whole table in schema `history` until retention
-- removes it, and app.load says from when to when it was the one that answered.
comment on schema history is 'Tables that a later load replaced, <layer>__<load>, until retention removes them';

alter table app.load drop constraint load_status_check;
alter table app.load add constraint load_status_check
  check (status in ('running', 'published', 'unchanged', 'failed'));

alter table app.load
  add column valid_from timestamptz,
  add column valid_to timestamptz,
  add column history_table text,
  add column definition jsonb,
  add column inputs jsonb,
  add column same_as int references app.load on delete set null,
  add check (valid_to >= valid_from);
comment on column app.load.valid_from is 'When this version became the live one: its publication';
comment on column app.load.valid_to is 'When the next version replaced it; null while it is live';
comment on column app.load.history_table is 'Its table in schema history; null while it is live, and after retention removed it';
comment on column app.load.definition is 'Definition of the layer by which the table was made';
comment on column app.load.inputs is 'Everything the rows depend on, to tell a delivery that would change nothing';
comment on column app.load.same_as is 'Of an unchanged delivery: the version it would have made once more';

alter table app.layer_state add column confirmed_at timestamptz;
comment on column app.layer_state.confirmed_at is 'When the live version was delivered once more without a change; null if it never was';

-- Loads of before are known by when they were published; their tables are gone.
update app.load l set valid_from = coalesce(s.published_at, l.finished_at, l.started_at)
from app.load own left join app.layer_state s on s.load_id = own.load_id
where own.load_id = l.load_id and l.status = 'published';
update app.load l set valid_to = n.next
from (
  select load_id, lead(valid_from) over (partition by layer_id order by valid_from, load_id) as next
  from app.load where status = 'published'
) n
where n.load_id = l.load_id;

create index load_version on app.load (layer_id, valid_from desc) where valid_from is not null;

-- Loads by cadence. The queue itself belongs to graphile-worker (schema graphile_worker); here is what is known of each
-- layer's file, so that a file is loaded when it has changed.
create table app.schedule (
  layer_id text primary key,
  looked_at timestamptz,
  next_at timestamptz not null default now(),
  file text,
  -- Size and time of the file that was dealt with last; null: load at the next look.
  mark text,
  attempted_at timestamptz,
  load_id int references app.load on delete set null,
  status text check (status in ('published', 'unchanged', 'failed', 'retrying', 'missing')),
  error text
);

-- Who works off the queue: one process, which says so again every few seconds.
create table app.schedule_lease (
  only_row boolean primary key default true check (only_row),
  holder text not null,
  process jsonb not null,
  seen_at timestamptz not null
);
