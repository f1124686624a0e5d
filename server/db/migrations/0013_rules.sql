-- Rules, which are data: what they say, what they know, and the alarms they raise.

-- A version of a rule. Rows are added; a rule that is changed gets another version.
create table app.rule (
  rule_id int not null,
  version int not null check (version >= 1),
  -- `Rule` of server/rules/contract.ts, and what its selections came to when it was saved (`Chosen`).
  body jsonb not null,
  chosen jsonb not null,
  -- Of the body, which may hold thousands of sensors: alarms tell these.
  kind text not null generated always as (body ->> 'kind') stored,
  name jsonb not null generated always as (body -> 'name') stored,
  -- How many sensors, cells or sources were chosen; null: whatever comes.
  watched int generated always as (
    case when jsonb_typeof(chosen -> 'watched') = 'array' then jsonb_array_length(chosen -> 'watched') end) stored,
  made_at timestamptz not null default clock_timestamp(),
  made_by text not null,
  reason text not null,
  -- The last back-test of this version: {at, from, to, raised}. Without one it cannot be switched on.
  tested jsonb,
  primary key (rule_id, version)
);
create sequence app.rule_id as int owned by app.rule.rule_id;

-- What became of rules: who switched what on and off, when and why.
create table app.rule_event (
  id bigint generated always as identity primary key,
  rule_id int not null,
  version int not null,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  move text not null check (move in ('saved', 'enabled', 'disabled', 'removed')),
  reason text not null,
  foreign key (rule_id, version) references app.rule
);
create index rule_event_rule on app.rule_event (rule_id, id);
create trigger rule_event_is_history before update or delete on app.rule_event
  for each row execute function app.refuse_change();

-- The rules that are on.
create table app.rule_run (
  rule_id int primary key,
  version int not null,
  -- Times of the engine are ms since 1970. Of what was before, the rule knows nothing.
  started_at bigint not null,
  started_by text not null,
  -- 'log', 'direct' or 'buffered' (server/rules/compile-rule.ts).
  feed text not null check (feed in ('log', 'direct', 'buffered')),
  -- Of a buffered rule: it has taken all inputs up to here.
  taken_to bigint not null default 0,
  foreign key (rule_id, version) references app.rule
);

-- What a running rule knows of a sensor, a cell, a vehicle or an incident; changed in the transaction that raises its alarms.
create table app.rule_state (
  rule_id int not null references app.rule_run on delete cascade,
  part text collate "C" not null,
  state jsonb not null,
  feed text not null,
  -- When time alone changes it and it may be looked at, ms since 1970.
  wake_at bigint,
  primary key (rule_id, part)
) with (fillfactor = 70);
create index rule_state_wake on app.rule_state (feed, wake_at) where wake_at is not null;

-- Locked by whoever lets the rules of a kind of feed take a step. `at`: time of the last log entry or tick that was taken, ms.
create table app.rule_clock (
  feed text primary key,
  at bigint not null default 0
);
insert into app.rule_clock (feed) values ('log'), ('feed');

-- Inputs of buffered rules that wait until nothing earlier can come. `key`: sensor or vehicle; `what`: metric or layer;
-- `a`, `b`: the value, or longitude and latitude.
create table app.rule_pending (
  rule_id int not null references app.rule_run on delete cascade,
  at bigint not null,
  key text collate "C" not null,
  what text collate "C" not null,
  a float8 not null,
  b float8,
  primary key (rule_id, at, key, what)
);

-- Inputs that a running rule left out because they came too late: a back-test of the rule leaves out the same.
create table app.rule_late (
  rule_id int not null,
  at bigint not null,
  key text collate "C" not null,
  what text collate "C" not null,
  primary key (rule_id, at, key, what)
);

create table app.alarm (
  id bigint generated always as identity primary key,
  rule_id int not null,
  version int not null,
  originator text collate "C" not null,
  title_zh text not null,
  title_en text not null,
  severity int2 not null check (severity between 1 and 4),
  lon float8,
  lat float8,
  grid_code text,
  community_code text,
  town_code text,
  raised_at timestamptz not null,
  last_at timestamptz not null,
  count int not null default 1 check (count >= 1),
  value float8,
  acknowledged_at timestamptz,
  acknowledged_by text,
  cleared_at timestamptz,
  -- Null: it cleared by itself.
  cleared_by text,
  incident_id bigint references app.incident,
  evidence jsonb not null,
  foreign key (rule_id, version) references app.rule,
  check (last_at >= raised_at),
  check ((acknowledged_at is null) = (acknowledged_by is null)),
  check (cleared_by is null or cleared_at is not null)
);
-- One open alarm per originator and rule.
create unique index alarm_open on app.alarm (rule_id, originator) where cleared_at is null;
create index alarm_rule on app.alarm (rule_id, id);

-- What happened to an alarm, as the engine said it or as somebody did it.
create table app.alarm_event (
  id bigint generated always as identity primary key,
  alarm_id bigint not null references app.alarm,
  move text not null check (move in ('raised', 'refreshed', 'acknowledged', 'cleared')),
  at timestamptz not null,
  -- Null: the rule itself.
  actor text,
  detail jsonb,
  -- Of what somebody cleared: the time of the rule at which it took note, ms, and the log entry after which.
  engine_at bigint,
  log_id bigint
);
create index alarm_event_alarm on app.alarm_event (alarm_id, id);
create trigger alarm_event_is_history before update or delete on app.alarm_event
  for each row execute function app.refuse_change();

-- An alarm as the API speaks of it (`Alarm` of server/rules/contract.ts).
create function app.alarm_json(_a app.alarm) returns json language sql stable as $$
  select json_build_object('id', _a.id, 'rule', _a.rule_id, 'version', _a.version, 'kind', r.kind,
    'ruleName', r.name, 'originator', _a.originator,
    'title', json_build_object('zh', _a.title_zh, 'en', _a.title_en), 'severity', _a.severity,
    'lon', _a.lon, 'lat', _a.lat, 'grid', _a.grid_code, 'community', _a.community_code, 'town', _a.town_code,
    'raisedAt', app.iso_time(_a.raised_at), 'lastAt', app.iso_time(_a.last_at), 'count', _a.count, 'value', _a.value,
    'acknowledgedAt', app.iso_time(_a.acknowledged_at), 'acknowledgedBy', _a.acknowledged_by,
    'clearedAt', app.iso_time(_a.cleared_at), 'clearedBy', _a.cleared_by, 'incident', _a.incident_id,
    'evidence', _a.evidence)
  from app.rule r where (r.rule_id, r.version) = (_a.rule_id, _a.version)
$$;

-- Logs alarms as they are now, in the order of the arrays. Alarms are for staff. The LAST statement before the commit.
create function app.log_alarms(_type text[], _id bigint[]) returns void language sql as $$
  select app.append_entries(array_agg(u.type order by u.ord), array_agg(coalesce(a.town_code, '') order by u.ord),
    array_agg(true order by u.ord), array_agg(app.alarm_json(a) order by u.ord))
  from unnest(_type, _id) with ordinality u(type, id, ord) join app.alarm a on a.id = u.id
$$;

-- The log of positions, as app.reading_batch is that of readings: a row for each commit, in the order in which they became
-- visible. Kept for some hours.
create table app.position_batch (
  id bigint primary key,
  committed_at timestamptz not null,
  kind text[] not null,
  vehicle text[] not null,
  at timestamptz[] not null,
  lon float8[] not null,
  lat float8[] not null
);
create index position_batch_committed on app.position_batch using brin (committed_at);
create sequence app.position_batch_id cache 1 owned by app.position_batch.id;

create function app.note_positions() returns trigger language plpgsql as $$
begin
  if exists (select from fresh) then
    -- The lock that who stores positions holds until the commit, taken a little earlier.
    perform pg_advisory_xact_lock(440604, 3);
    insert into app.position_batch (id, committed_at, kind, vehicle, at, lon, lat)
    select nextval('app.position_batch_id'), clock_timestamp(), array_agg(f.kind), array_agg(f.vehicle), array_agg(f.at),
      array_agg(f.lon), array_agg(f.lat) from fresh f;
    perform pg_notify('positions', '');
  end if;
  return null;
end $$;
create trigger position_is_noted after insert on app.position
  referencing new table as fresh for each statement execute function app.note_positions();
