-- Storing and logging a batch, at less cost.

-- As before, but what was stored is answered and logged from what came and what the insert gave back: only keys that were
-- known already are looked up, and each by its index. Times come as text (ISO 8601, UTC, ms) and are logged as they came.
create or replace function app.ingest_batch(_items json)
returns table (ord bigint, incident_id bigint, is_new boolean, same boolean, grid_code text)
language plpgsql as $$
#variable_conflict use_column
declare
  _count bigint;
  _ords bigint[];
  _ids bigint[];
  _grids text[];
  _towns text[];
  _restricted boolean[];
  _bodies json[];
begin
  -- Inserting in key order keeps two batches with common keys from waiting for each other in a circle.
  with item as materialized (
    select * from rows from (json_to_recordset(_items) as (key text, source text, category text, category_zh text,
      category_en text, title text, severity int2, lon float8, lat float8, grid_code text, community_code text,
      town_code text, occurred_at text, received_at text, due_at text, warn_at text, stage_due_at text,
      stage_warn_at text, limit_amount float8, limit_unit text, escalate_at timestamptz))
      with ordinality i(key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
      community_code, town_code, occurred_at, received_at, due_at, warn_at, stage_due_at, stage_warn_at, limit_amount,
      limit_unit, escalate_at, ord)
  ), stored as (
    insert into app.incident (key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
      community_code, town_code, occurred_at, received_at, due_at, warn_at, stage_due_at, stage_warn_at, limit_amount,
      limit_unit, escalate_at, supervise_at, stage_since)
    select distinct on (key) key, source, category, category_zh, category_en, title, severity, lon, lat, grid_code,
      community_code, town_code, occurred_at::timestamptz, received_at::timestamptz, due_at::timestamptz,
      warn_at::timestamptz, stage_due_at::timestamptz, stage_warn_at::timestamptz, limit_amount, limit_unit,
      escalate_at, due_at::timestamptz, received_at::timestamptz
    from item order by key, ord
    on conflict (key) do nothing
    returning id, key, restricted, state, stage, version, department, assignee, parent_id, report_count
  ), fresh as (
    select distinct on (item.key) item.ord, s.id, item.grid_code, item.town_code, s.restricted,
      (select row_to_json(x) from (
        select s.id, s.key, item.source, item.category,
          (select row_to_json(t) from (select item.category_zh as zh, item.category_en as en) t) as "categoryTitle",
          item.title, item.severity, item.lon, item.lat, item.grid_code as grid, item.community_code as community,
          item.town_code as town, s.state, s.stage, s.version, s.department, s.assignee, s.parent_id as parent,
          s.report_count as reports, item.occurred_at as "occurredAt", item.received_at as "receivedAt",
          item.warn_at as "warnAt", item.due_at as "dueAt", item.stage_warn_at as "stageWarnAt",
          item.stage_due_at as "stageDueAt", null::text as "closedAt") x) as body
    from item join stored s using (key)
    order by item.key, item.ord
  )
  select (select count(*) from item), array_agg(f.ord order by f.ord), array_agg(f.id order by f.ord),
    array_agg(f.grid_code order by f.ord), array_agg(f.town_code order by f.ord),
    array_agg(f.restricted order by f.ord), array_agg(f.body order by f.ord)
  into _count, _ords, _ids, _grids, _towns, _restricted, _bodies
  from fresh f;

  return query select u.ord, u.id, true, true, u.grid from unnest(_ords, _ids, _grids) u(ord, id, grid);

  if coalesce(cardinality(_ords), 0) < _count then
    -- A statement of its own: only a new snapshot sees what another transaction stored while this one waited for it.
    -- `offset 0`: every key by its index, whatever the planner believes of a table that nobody has counted yet.
    return query
    select item.ord, i.id, false, i.same, i.grid_code
    from rows from (json_to_recordset(_items) as (key text, source text, category text, title text, severity int2,
      lon float8, lat float8, occurred_at timestamptz))
      with ordinality item(key, source, category, title, severity, lon, lat, occurred_at, ord)
    cross join lateral (
      select i.id, i.grid_code,
        (i.source, coalesce(i.reported_category, i.category), i.title, coalesce(i.reported_severity, i.severity), i.lon,
          i.lat, i.occurred_at) = (item.source, item.category, item.title, item.severity, item.lon, item.lat,
          item.occurred_at) as same
      from app.incident i where i.key = item.key offset 0
    ) i
    where item.ord <> all (coalesce(_ords, '{}'));
  end if;

  if _ords is not null then
    perform app.append_log('incident.created', _towns, _restricted, _bodies);
  end if;
end $$;
