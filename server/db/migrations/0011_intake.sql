-- What comes in from elsewhere: messages as they were received, what a report says besides the incident, warnings of
-- other offices and our own (CAP 1.2), and addresses that are asked for news.

-- A message as it was received, whatever became of it. Incidents in the project's own format are stored whole in
-- app.incident, so of those only the refused ones are here.
create table app.intake_message (
  id bigint generated always as identity primary key,
  received_at timestamptz not null default now(),
  -- The way it came: incidents, cloudevents, open311, cap, report, feed.
  channel text not null,
  -- Who sent it: fingerprint of a token, sender of a warning, id of a feed; null for anybody.
  sender text,
  content_type text,
  -- Of the whole message; `body` is its beginning where it is longer than what is kept.
  size int not null,
  sha256 text not null,
  body bytea not null,
  outcome text not null check (outcome in ('stored', 'known', 'refused')),
  incident_id bigint,
  alert_id bigint,
  -- {code, message, field} of a refused one.
  rejection jsonb,
  check ((outcome = 'refused') = (rejection is not null))
);
create index intake_message_received on app.intake_message (received_at);
create index intake_message_refused on app.intake_message (id) where outcome = 'refused';
create index intake_message_incident on app.intake_message (incident_id) where incident_id is not null;
create index intake_message_sha256 on app.intake_message (sha256);

-- What a report says besides the incident itself. The key is the incident's.
create table app.incident_report (
  key text primary key,
  description text,
  -- As it was given; where only an address was given the incident's place comes from it.
  address text,
  -- With it whoever reported follows what becomes of it. Nothing else leads from a person to an incident.
  token text unique,
  created_at timestamptz not null default now()
);
-- Who reported: kept apart from everything that is served, and removed some time after the incident was closed.
create table app.incident_reporter (
  key text primary key references app.incident_report on delete cascade,
  name text,
  phone text,
  email text,
  created_at timestamptz not null default now()
);

-- A warning: of another office, received as CAP, or issued here.
create table app.alert (
  id bigint generated always as identity primary key,
  identifier text not null,
  sender text not null,
  sent timestamptz not null,
  received_at timestamptz not null default now(),
  -- 'cap' or 'staff'.
  origin text not null check (origin in ('cap', 'staff')),
  -- Words of CAP 1.2.
  status text not null,
  msg_type text not null,
  scope text not null,
  category text[] not null,
  response_type text[] not null,
  urgency text not null,
  certainty text not null,
  cap_severity text not null,
  -- 1 red, 2 orange, 3 yellow, 4 blue; 0: not said.
  severity int2 not null check (severity between 0 and 4),
  -- {zh, en}; the languages that were not sent repeat the other.
  event jsonb not null,
  headline jsonb not null,
  description jsonb not null,
  instruction jsonb not null,
  sender_name text,
  effective timestamptz not null,
  onset timestamptz,
  expires timestamptz,
  -- [{description, polygons: [[[lon, lat], …]], circles: [[lon, lat, km]], geocodes: [[name, value]]}]
  areas jsonb not null,
  geom geometry(MultiPolygon, 4326),
  -- The towns it touches, 12-digit codes; none where it has no shape.
  towns text[] not null default '{}',
  -- 'sender,identifier,sent' of what it replaces.
  refs text[] not null default '{}',
  state text not null check (state in ('active', 'replaced', 'cancelled')),
  replaced_by bigint references app.alert,
  -- Not for the public: its scope is not Public, or it is an exercise, a test or a draft.
  restricted boolean not null generated always as (scope <> 'Public' or status <> 'Actual') stored,
  unique (sender, identifier)
);
create index alert_active on app.alert (id) where state = 'active';
create index alert_refs on app.alert using gin (refs);

create function app.alert_json(_a app.alert) returns json language sql stable as $$
  select row_to_json(x) from (
    select _a.id, _a.identifier, _a.sender, _a.sender_name as "senderName", app.iso_time(_a.sent) as sent, _a.origin,
      _a.status, _a.msg_type as "msgType", _a.scope, _a.category, _a.response_type as "responseType", _a.urgency,
      _a.certainty, _a.severity, _a.event, _a.headline, _a.description, _a.instruction,
      app.iso_time(_a.effective) as effective, app.iso_time(_a.onset) as onset, app.iso_time(_a.expires) as expires,
      _a.areas, _a.towns, _a.refs as "references", _a.state, _a.replaced_by as "replacedBy"
  ) x
$$;

-- An address that is asked for incidents now and then.
create table app.intake_feed (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
  title jsonb not null,
  url text not null check (url ~ '^https?://'),
  format text not null check (format in ('json', 'geojson', 'csv')),
  -- Where the fields of an incident stand in an item (`server/intake/feed-map.ts`).
  map jsonb not null,
  every_seconds int not null check (every_seconds between 10 and 86400),
  -- Without an answer for so long it counts as silent.
  silent_seconds int not null check (silent_seconds >= 10),
  is_on boolean not null default true,
  etag text,
  last_modified text,
  next_at timestamptz not null default now(),
  tried_at timestamptz,
  succeeded_at timestamptz,
  changed_at timestamptz,
  -- Tries that failed since the last success, and why the last one did.
  failures int not null default 0,
  error text,
  created_at timestamptz not null default now()
);
