-- Replay in bounded time. A checkpoint was one JSON array: reading it took a second with tens of thousands of open incidents,
-- whatever was asked. Now columns of the log are kept beside it in pieces (`replay_digest`), so that what counts reads no JSON,
-- and a checkpoint is cut into chunks, of which only those are opened whose incidents are listed (`server/replay/`).
drop function app.open_incidents_at(bigint);
drop table app.replay_checkpoint;

-- The entries of incidents in a piece of the live log, as columns: entries after `from_id` up to `to_id`, in their order. The
-- pieces follow one another from the beginning of the log on; what comes after the last one is read from the log itself.
create table app.replay_digest (
  epoch text not null,
  from_id bigint not null,
  to_id bigint not null,
  -- Commit of the last entry.
  until timestamptz not null,
  entry bigint[] not null,
  at timestamptz[] not null,
  -- Of the entry, without `incident.`: created, updated, closed, reopened.
  type text[] not null,
  incident bigint[] not null,
  open boolean[] not null,
  -- Another report of an incident: it is listed, and counted with that one.
  report boolean[] not null,
  restricted boolean[] not null,
  town text[] not null,
  community text[] not null,
  grid text[] not null,
  category text[] not null,
  received timestamptz[] not null,
  due timestamptz[] not null,
  closed timestamptz[] not null,
  primary key (epoch, to_id)
);

-- The state after the entry `log_id`, and how many incidents were open then.
create table app.replay_checkpoint (
  epoch text not null,
  log_id bigint not null,
  at timestamptz not null,
  open int not null,
  primary key (epoch, log_id)
);

-- Its open incidents, some hundred in each chunk, oldest first.
create table app.replay_chunk (
  epoch text not null,
  log_id bigint not null,
  chunk int not null,
  incident bigint[] not null,
  report boolean[] not null,
  restricted boolean[] not null,
  town text[] not null,
  community text[] not null,
  grid text[] not null,
  category text[] not null,
  received timestamptz[] not null,
  due timestamptz[] not null,
  -- The incidents whole, stored apart from the columns.
  body json[] not null,
  primary key (epoch, log_id, chunk),
  foreign key (epoch, log_id) references app.replay_checkpoint on delete cascade
);

-- Entries of incidents after `_from` up to `_to`, read from the log itself.
create function app.read_log(_from bigint, _to bigint)
returns table (entry bigint, at timestamptz, type text, incident_id bigint, open boolean, report boolean,
  restricted boolean, town text, community text, grid text, category text, received timestamptz, due timestamptz,
  closed timestamptz)
language sql stable as $$
  select l.id, l.committed_at, substr(b.type, 10), i.id, i.state = 'open', i.parent is not null, l.restricted, l.town,
    i.community, i.grid, i.category, i."receivedAt", i."dueAt", i."closedAt"
  from app.live_log l
  cross join lateral json_to_record(l.body) as b(type text, incident json)
  cross join lateral json_to_record(b.incident) as i(id bigint, state text, parent bigint, community text, grid text,
    category text, "receivedAt" timestamptz, "dueAt" timestamptz, "closedAt" timestamptz)
  where l.id > _from and l.id <= _to and b.type like 'incident.%'
$$;

-- The same from the pieces as far as they reach, and from the log beyond; only entries committed at `_since` or later.
create function app.log_entries(_from bigint, _to bigint, _since timestamptz default '-infinity')
returns table (entry bigint, at timestamptz, type text, incident_id bigint, open boolean, report boolean,
  restricted boolean, town text, community text, grid text, category text, received timestamptz, due timestamptz,
  closed timestamptz)
language plpgsql stable as $$
#variable_conflict use_column
declare
  _epoch text := app.live_epoch();
  _end bigint := (select max(to_id) from app.replay_digest where epoch = app.live_epoch());
begin
  return query
  select u.* from app.replay_digest d
  cross join lateral unnest(d.entry, d.at, d.type, d.incident, d.open, d.report, d.restricted, d.town, d.community,
    d.grid, d.category, d.received, d.due, d.closed) u(entry, at, type, incident_id, open, report, restricted, town,
    community, grid, category, received, due, closed)
  where d.epoch = _epoch and d.to_id > _from and d.from_id < _to and d.until >= _since
    and u.entry > _from and u.entry <= _to and u.at >= _since
  union all
  select r.* from app.read_log(greatest(_from, coalesce(_end, 0)), _to) r where r.at >= _since;
end $$;

-- Reports that came in and matters that ended, of the entries up to `_to` committed at `_since` or later; of one town or (null) all.
create function app.log_counts(_to bigint, _since timestamptz, _with_restricted boolean, _town text)
returns table (created int, closed int) language sql stable as $$
  with entry as (
    select u.type, u.report, u.restricted, u.town from app.replay_digest d
    cross join lateral unnest(d.entry, d.at, d.type, d.report, d.restricted, d.town) u(entry, at, type, report, restricted, town)
    where d.epoch = app.live_epoch() and d.until >= _since and d.from_id < _to and u.entry <= _to and u.at >= _since
    union all
    select r.type, r.report, r.restricted, r.town
    from app.read_log(coalesce((select max(to_id) from app.replay_digest where epoch = app.live_epoch()), 0), _to) r
    where r.at >= _since
  )
  select (count(*) filter (where type = 'created'))::int, (count(*) filter (where type = 'closed' and not report))::int
  from entry where (not restricted or _with_restricted) and (_town is null or town = _town)
$$;

-- The checkpoint from which the state after the entry `_id` is made; null when there is none, 0 when it is the beginning.
-- Entries that were dropped are missing to every checkpoint before them.
create function app.replay_base(_id bigint) returns bigint language sql stable as $$
  select coalesce(
    (select log_id from app.replay_checkpoint
     where epoch = app.live_epoch() and log_id <= _id and log_id >= s.pruned_to order by log_id desc limit 1),
    case when s.pruned_to = 0 then 0 end)
  from app.live_state s
$$;

-- Open incidents after the entry `_id`, with where each is told whole: in an entry of the log, or in a chunk of the
-- checkpoint. The planner knows nothing of the length of arrays, and would compare each with each.
create function app.open_incidents_at(_id bigint)
returns table (incident_id bigint, entry bigint, chunk int, report boolean, restricted boolean, town text,
  community text, grid text, category text, received timestamptz, due timestamptz)
language plpgsql stable set enable_nestloop = off as $$
#variable_conflict use_column
declare
  _base bigint := app.replay_base(_id);
  _epoch text := app.live_epoch();
  _end bigint := coalesce((select max(to_id) from app.replay_digest where epoch = app.live_epoch()), 0);
begin
  return query
  with since as materialized (
    select distinct on (e.incident_id) e.* from (
      select u.* from app.replay_digest d
      cross join lateral unnest(d.entry, d.incident, d.open, d.report, d.restricted, d.town, d.community, d.grid, d.category,
        d.received, d.due) u(entry, incident_id, open, report, restricted, town, community, grid, category, received, due)
      where d.epoch = _epoch and d.to_id > coalesce(_base, 0) and d.from_id < _id and u.entry > coalesce(_base, 0) and u.entry <= _id
      union all
      select r.entry, r.incident_id, r.open, r.report, r.restricted, r.town, r.community, r.grid, r.category, r.received, r.due
      from app.read_log(greatest(coalesce(_base, 0), _end), _id) r
    ) e
    order by e.incident_id, e.entry desc
  )
  select s.incident_id, s.entry, null::int, s.report, s.restricted, s.town, s.community, s.grid, s.category, s.received, s.due
  from since s where s.open
  union all
  select u.incident_id, null::bigint, c.chunk, u.report, u.restricted, u.town, u.community, u.grid, u.category, u.received, u.due
  from app.replay_chunk c
  cross join lateral unnest(c.incident, c.report, c.restricted, c.town, c.community, c.grid, c.category, c.received, c.due)
    u(incident_id, report, restricted, town, community, grid, category, received, due)
  where c.epoch = _epoch and c.log_id = _base
    and not exists (select from since s where s.incident_id = u.incident_id);
end $$;

-- Keeps the entries after `_from` up to `_to` as a piece.
create function app.cut_log(_from bigint, _to bigint) returns void language sql as $$
  insert into app.replay_digest (epoch, from_id, to_id, until, entry, at, type, incident, open, report, restricted, town,
    community, grid, category, received, due, closed)
  select app.live_epoch(), _from, _to, (select committed_at from app.live_log where id = _to),
    coalesce(array_agg(entry order by entry), '{}'), coalesce(array_agg(at order by entry), '{}'),
    coalesce(array_agg(type order by entry), '{}'), coalesce(array_agg(incident_id order by entry), '{}'),
    coalesce(array_agg(open order by entry), '{}'), coalesce(array_agg(report order by entry), '{}'),
    coalesce(array_agg(restricted order by entry), '{}'), coalesce(array_agg(town order by entry), '{}'),
    coalesce(array_agg(community order by entry), '{}'), coalesce(array_agg(grid order by entry), '{}'),
    coalesce(array_agg(category order by entry), '{}'), coalesce(array_agg(received order by entry), '{}'),
    coalesce(array_agg(due order by entry), '{}'), coalesce(array_agg(closed order by entry), '{}')
  from app.read_log(_from, _to)
$$;

-- Incidents whole, of the state after the entry `_id`: those told by entries of the log, and those that stand in chunks.
create function app.told_incidents_at(_id bigint, _entries bigint[], _chunks int[], _standing bigint[])
returns table (incident_id bigint, body json) language sql stable set enable_nestloop = off as $$
  select (l.body->'incident'->>'id')::bigint, l.body->'incident' from app.live_log l where l.id = any (_entries)
  union all
  select u.incident_id, u.body from app.replay_chunk c cross join lateral unnest(c.incident, c.body) u(incident_id, body)
  join unnest(_standing) s(id) on s.id = u.incident_id
  where c.epoch = app.live_epoch() and c.log_id = app.replay_base(_id) and c.chunk = any (_chunks)
$$;

-- Keeps what is open after the entry `_id` as a checkpoint, with `_size` incidents in a chunk.
create function app.keep_checkpoint(_id bigint, _at timestamptz, _size int) returns void
language sql set enable_nestloop = off as $$
  with open as materialized (
    select * from app.open_incidents_at(_id)
  ), told as materialized (
    select t.* from app.told_incidents_at(_id, (select array_agg(entry) from open), (select array_agg(distinct chunk) from open),
      (select array_agg(incident_id) from open where chunk is not null)) t
  ), noted as (
    insert into app.replay_checkpoint (epoch, log_id, at, open)
    select app.live_epoch(), _id, _at, (select count(*) from open)
  )
  insert into app.replay_chunk (epoch, log_id, chunk, incident, report, restricted, town, community, grid, category,
    received, due, body)
  select app.live_epoch(), _id, n.chunk, array_agg(incident_id order by incident_id), array_agg(report order by incident_id),
    array_agg(restricted order by incident_id), array_agg(town order by incident_id),
    array_agg(community order by incident_id), array_agg(grid order by incident_id),
    array_agg(category order by incident_id), array_agg(received order by incident_id),
    array_agg(due order by incident_id), array_agg(body order by incident_id)
  from (
    select o.incident_id, o.report, o.restricted, o.town, o.community, o.grid, o.category, o.received, o.due, t.body,
      (row_number() over (order by o.incident_id) - 1) / _size as chunk
    from open o join told t using (incident_id)
  ) n
  group by n.chunk
$$;

-- The log has lost its beginning before there was any checkpoint: what is open is taken from the incidents themselves. One
-- statement sees log and incidents at one moment.
create function app.keep_first_checkpoint(_size int) returns void language sql as $$
  with moment as materialized (
    select greatest(s.pruned_to, (select max(id) from app.live_log)) as id,
      coalesce((select committed_at from app.live_log order by id desc limit 1), clock_timestamp()) as at
    from app.live_state s
  ), noted as (
    insert into app.replay_checkpoint (epoch, log_id, at, open)
    select app.live_epoch(), id, at, (select count(*) from app.incident where state = 'open') from moment
  )
  insert into app.replay_chunk (epoch, log_id, chunk, incident, report, restricted, town, community, grid, category,
    received, due, body)
  select app.live_epoch(), m.id, n.chunk, array_agg(n.id order by n.id), array_agg(parent_id is not null order by n.id),
    array_agg(restricted order by n.id), array_agg(town_code order by n.id), array_agg(community_code order by n.id),
    array_agg(grid_code order by n.id), array_agg(category order by n.id), array_agg(received_at order by n.id),
    array_agg(due_at order by n.id), array_agg(body order by n.id)
  from moment m, (
    select i.*, app.incident_json(i) as body, (row_number() over (order by i.id) - 1) / _size as chunk
    from app.incident i where state = 'open'
  ) n
  group by m.id, n.chunk
$$;

-- What polled feeds said last of each item, to tell what changed. An item is one incident for ever.
alter table app.intake_feed
  add column closed text[] not null default '{}',
  add column on_closed text not null default 'note' check (on_closed in ('note', 'close'));
create table app.intake_feed_item (
  -- Key of the incident.
  key text primary key,
  feed text not null references app.intake_feed on delete cascade,
  -- {title, category, severity, occurredAt, lon, lat, address, description, state}, as the source has them.
  content jsonb not null,
  seen_at timestamptz not null default now()
);
create index intake_feed_item_feed on app.intake_feed_item (feed);

comment on column app.incident.assignee is
  'who has it of the grid staff: not their number but a word that stands for them (app.staff_handle), since incidents are public';
