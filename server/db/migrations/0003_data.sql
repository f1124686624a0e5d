-- The data desk: how full each load is, and who took what out of the quarantine.

-- Cells of the live table that could be filled, and that are; counted once for each published load (server/quality).
create table app.load_fill (
  load_id int primary key references app.load on delete cascade,
  cells bigint not null,
  filled bigint not null check (filled between 0 and cells)
);

-- Every hand-out of rows as the departments wrote them. Written before the rows are handed out; rows are only added.
create table app.audit (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  role text not null,
  -- The beginning of the SHA-256 of the token: tells tokens apart without keeping one. Null without a token.
  token text,
  action text not null,
  layer_id text not null,
  load_id int,
  purpose text not null check (length(purpose) between 4 and 500),
  detail jsonb,
  request_id text not null
);
create index audit_at on app.audit (at desc);
create function app.audit_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'rows of app.audit are neither changed nor removed';
end $$;
create trigger audit_is_final before update or delete on app.audit for each row execute function app.audit_is_final();


-- A name for each row that was set aside, in the order they were found, so that they can be read page by page.
alter table app.reject add column reject_id bigint generated always as identity;
create index reject_page on app.reject (load_id, reject_id);

-- What the codes of the loader mean: written by the loader, which knows them, read by the service.
create table app.code (
  code text primary key,
  kind text not null check (kind in ('reject', 'file', 'repair')),
  zh text not null,
  en text not null
);
