-- Replay: what screens showed at any second that the live log still covers. The log is the truth; a checkpoint only spares
-- folding all of it. Checkpoints are made by the duty `replay-checkpoint` (`server/replay/`).
create table app.replay_checkpoint (
  epoch text not null,
  -- The state after this entry of the live log.
  log_id bigint not null,
  at timestamptz not null,
  -- Open incidents: [{"town", "restricted", "incident"}, …], oldest first.
  open json not null,
  primary key (epoch, log_id)
);

-- The last entry of the live log up to a time; null when there is none. Ids are drawn in the order of commits, so a binary
-- search by id finds it without an index on the time.
create function app.log_id_at(_at timestamptz) returns bigint language plpgsql stable as $$
declare
  _low bigint;
  _high bigint;
  _middle bigint;
  _found record;
begin
  select min(id), max(id) into _low, _high from app.live_log;
  if _low is null or (select committed_at from app.live_log where id = _low) > _at then return null; end if;
  -- The entry at _low is not after _at; every entry above _high is.
  while _low < _high loop
    _middle := _low + (_high - _low + 1) / 2;
    select id, committed_at into _found from app.live_log where id >= _middle order by id limit 1;
    if _found.id is null or _found.id > _high or _found.committed_at > _at then _high := _middle - 1;
    else _low := _found.id;
    end if;
  end loop;
  return (select max(id) from app.live_log where id <= _low);
end $$;

-- Open incidents after the entry `_id`: the newest checkpoint before it, and what the log says since. Null where the log no
-- longer reaches back to a beginning.
create function app.open_incidents_at(_id bigint)
returns table (incident_id bigint, town text, restricted boolean, incident json)
language plpgsql stable as $$
#variable_conflict use_column
declare
  _from bigint;
  _open json;
begin
  select log_id, open into _from, _open from app.replay_checkpoint
  where epoch = app.live_epoch() and log_id <= _id order by log_id desc limit 1;
  _from := coalesce(_from, 0);
  return query
  with since as (
    select distinct on (x.incident_id) x.incident_id, x.town, x.restricted, x.incident
    from (
      select (body->'incident'->>'id')::bigint as incident_id, id, town, restricted, body->'incident' as incident
      from app.live_log where id > _from and id <= _id and body->>'type' like 'incident.%'
    ) x
    order by x.incident_id, x.id desc
  )
  select s.incident_id, s.town, s.restricted, s.incident from since s where s.incident->>'state' = 'open'
  union all
  select (o.value->'incident'->>'id')::bigint, o.value->>'town', (o.value->>'restricted')::boolean, o.value->'incident'
  from json_array_elements(_open) o
  where not exists (select from since s where s.incident_id = (o.value->'incident'->>'id')::bigint);
end $$;
