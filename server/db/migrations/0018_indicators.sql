-- What was done with incidents, one row for each act that an indicator counts (`server/indicators/`). Made from the incident
-- and its history, and made anew whenever they change: the history is the truth.
create table app.indicator_act (
  incident_id bigint not null references app.incident,
  seq int not null,
  act text not null,
  at timestamptz not null,
  -- Before its limit; null where the act has none.
  in_time boolean,
  -- What `acts.ts` says of the act: a valid report, a case that was disposed of, a content reporter.
  ok boolean,
  flag boolean,
  -- Working minutes that it took.
  minutes float8,
  department text,
  person text,
  grid text not null,
  community text not null,
  town text not null,
  category text not null,
  source text not null,
  restricted boolean not null,
  primary key (incident_id, seq)
);
create index indicator_act_at on app.indicator_act (at);
