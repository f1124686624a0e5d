-- Who wants to be told of what, and what is on its way to them (`server/notify/`).

create table app.subscription (
  id bigint generated always as identity primary key,
  name text not null check (length(name) between 1 and 100),
  channel text not null,
  -- Where to: address of a webhook or robot, of e-mail, number of a telephone, endpoint of a browser. Holds secrets.
  target jsonb not null,
  -- `Wants` of server/notify/contract.ts.
  wants jsonb not null,
  -- What its receiver may see, and whether restricted incidents and personal data may leave the house in full.
  role text not null check (role in ('public', 'staff')),
  full_text boolean not null default false check (not full_text or role = 'staff'),
  language text not null check (language in ('zh', 'en', 'both')),
  active boolean not null default true,
  -- Why the service switched it off.
  disabled_reason text,
  created_at timestamptz not null default now(),
  created_by text not null
);

-- One message to one subscription. Filled in the transaction that deals with its cause; `id` is the idempotency id.
create table app.outbox (
  id uuid primary key default gen_random_uuid(),
  -- In the order of their causes.
  seq bigint generated always as identity,
  subscription_id bigint not null references app.subscription on delete cascade,
  -- What it is about: the same cause is told to a subscription once.
  cause text not null,
  kind text not null,
  incident_id bigint references app.incident on delete cascade,
  message jsonb not null,
  -- merged: it turned out to be another report of something known before it was sent.
  state text not null default 'pending' check (state in ('pending', 'sending', 'delivered', 'merged', 'dead', 'discarded')),
  attempts int not null default 0,
  next_at timestamptz not null default now(),
  -- Whoever sends it must say how it went by then, or it is sent again.
  claimed_until timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (subscription_id, cause)
);
create index outbox_due on app.outbox (next_at) where state in ('pending', 'sending');
create index outbox_dead on app.outbox (ended_at) where state = 'dead';
create index outbox_ended on app.outbox (ended_at) where state in ('delivered', 'merged', 'discarded');

-- What the bell shows.
create table app.inbox (
  id bigint generated always as identity primary key,
  outbox_id uuid not null unique,
  -- Who is told of it by two subscriptions sees it once.
  cause text not null,
  role text not null,
  -- For who holds one of these posts; null: for everybody of the role.
  posts text[],
  message jsonb not null,
  created_at timestamptz not null default now()
);
create index inbox_created on app.inbox (created_at);
create index inbox_cause on app.inbox (cause, id);

-- One row: up to when passed limits were told.
create table app.notify_state (
  only_row boolean primary key default true check (only_row),
  overdue_to timestamptz not null default now()
);
insert into app.notify_state default values;

insert into app.subscription (name, channel, target, wants, role, language, created_by) values
  ('红色、橙色事件和告警 / Red and orange', 'inapp', '{}', '{"kinds":["incident","alarm"],"severities":[1,2]}', 'staff', 'both', 'system');
