-- Rasters: a load of one makes pictures, files in the data folder, instead of a table.
alter table app.load add column raster jsonb;
comment on column app.load.raster is
  'Pictures of a raster, in the order of their times (layers/raster.ts); null for other layers, and after retention removed the files';
