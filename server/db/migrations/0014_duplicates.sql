-- Reports of one thing. Links are app.incident.parent_id and report_count (0008); here is what must not be linked
-- again, and what an incident was reported as before its reports made it graver.

-- Somebody said that these two are not the same: the machine does not put them together again. `a` is the lower id.
create table app.incident_apart (
  a bigint not null references app.incident on delete cascade,
  b bigint not null references app.incident on delete cascade,
  at timestamptz not null default now(),
  primary key (a, b),
  check (a < b)
);
create index incident_apart_b on app.incident_apart (b);

alter table app.incident
  -- Severity as it was reported, once it was changed; null while `severity` is that.
  add column reported_severity int2 check (reported_severity between 0 and 4);

create function app.keep_reported_severity() returns trigger language plpgsql as $$
begin
  new.reported_severity := coalesce(old.reported_severity, old.severity);
  return new;
end $$;
create trigger incident_keeps_reported_severity before update of severity on app.incident
  for each row when (new.severity is distinct from old.severity) execute function app.keep_reported_severity();

-- A sender that repeats its key repeats what it reported, whatever became of the severity since. Only this comparison of
-- the function changes, whichever migration wrote it last.
do $$
declare
  _source text := pg_get_functiondef('app.ingest_batch(json)'::regprocedure);
  _changed text := replace(_source, 'i.severity', 'coalesce(i.reported_severity, i.severity)');
begin
  if _changed = _source then raise exception 'app.ingest_batch no longer compares i.severity'; end if;
  execute _changed;
end $$;
