-- Results that are kept: what somebody made of layers becomes a layer of its own.

-- Who made it. Null: imported by the operator. Deleted layers can be taken back until they are removed for good.
alter table app.user_layer
  add column owner_role text,
  add column owner_token text,
  add column deleted_at timestamptz;
comment on column app.user_layer.owner_token is 'The beginning of the SHA-256 of the token, as in app.audit';
comment on column app.user_layer.deleted_at is 'Nobody sees it since then; removed for good a day later';

alter table app.load add column made_of jsonb;
comment on column app.load.made_of is
  'Of a result: what was done to which loads of which layers, by whom (server/results/made-of.ts); null of a delivery';

-- Jobs in the background: files of selections, and layers that are made.
alter table app.export
  add column kind text not null default 'file' check (kind in ('file', 'layer')),
  add column result jsonb;
alter table app.export drop constraint export_phase_check;
alter table app.export add constraint export_phase_check
  check (phase in ('reading', 'converting', 'packing', 'computing', 'loading'));
comment on column app.export.result is 'What there is to say of a layer that was made, e.g. how many codes were not found';
