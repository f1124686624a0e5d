-- Reports of one thing. Links are app.incident.parent_id and report_count (0008), their history is app.incident_event;
-- here is what must not be linked again.

-- Somebody said that these two are not the same: the machine does not put them together again. `a` is the lower id.
create table app.incident_apart (
  a bigint not null references app.incident on delete cascade,
  b bigint not null references app.incident on delete cascade,
  at timestamptz not null default now(),
  primary key (a, b),
  check (a < b)
);
create index incident_apart_b on app.incident_apart (b);
