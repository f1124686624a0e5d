/** Key words that PostgreSQL does not take as a column name without quotes (reserved, and reserved except function or type). */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation ' +
    'column concurrently constraint create cross current_catalog current_date current_role current_schema current_time ' +
    'current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze ' +
    'from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like ' +
    'limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary ' +
    'references returning right select session_user similar some symmetric system_user table tablesample then to ' +
    'trailing true union unique user using variadic verbose when where window with'
  ).split(' '),
);

/** Columns that every table has: a field may not carry their name. */
export const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(
  'fid source_line source_id geom geom_3857 h3 load_id valid_from valid_to mx my qk'.split(' '),
);

/** System columns that may also be a field of the layer: then both are one column of type text. */
export const SHARED_COLUMNS: ReadonlySet<string> = new Set(['grid_code', 'community_code', 'town_code']);
