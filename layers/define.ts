/**
 * What a layer is: one plain-data definition from which the table, the checks, the tiles, the filter
 * validation, the legend, the access rules and the documentation are derived.
 */

/** A text in both languages. Chinese is the first language of the product, English is complete. */
export interface Text {
  zh: string;
  en: string;
}

export type Geometry = 'point' | 'line' | 'polygon' | 'table' | 'raster';
export type FieldType = 'string' | 'int' | 'number' | 'bool' | 'date' | 'datetime';
export type Sensitivity = 'public' | 'internal' | 'restricted' | 'personal';
export type Cadence = 'realtime' | 'daily' | 'monthly' | 'yearly';

/** Parts of the report of who and what is inside an area, in their order. */
export const reportSections = [
  'people',
  'care',
  'household',
  'building',
  'enterprise',
  'risk',
  'facility',
  'network',
  'land',
  'responsible',
] as const;
export type ReportSection = (typeof reportSections)[number];

/**
 * What a layer tells in the report of who and what is inside an area: `network` in metres, `land` in square metres,
 * `responsible` by name, all others in rows. Layers that say nothing are told by their subclass (`report.ts`).
 */
export interface Report<F extends string = string> {
  section: ReportSection;
  /** Fields with declared values by which the layer is told apart. */
  by?: readonly F[];
  /** Date of birth: rows are told in bands of age, crossed with the first field of `by`. */
  ages?: F;
  /** Only rows with this value count. */
  where?: { field: F; value: string | boolean };
  /** Rows belong to the area by the code of their micro-grid, wherever they are at the moment. */
  match?: 'grid';
}

/** How the lines of a layer are travelled. Speeds are km/h by value of `class`; a class without one cannot be used. */
export interface Travel<F extends string = string> {
  class: F;
  /** True where a line may be driven in its own direction only; those on foot may go both ways. */
  oneway?: F;
  /** Lower than the speed of the class, it is the speed driven. */
  limit?: F;
  speeds: { drive: Record<string, number>; walk: Record<string, number> };
}

export type NumberFormat = 'resident_id' | 'uscc';

/** How a field is shown to a caller who may see the layer but not the person behind it. */
export type Mask = 'name' | 'id_no' | 'phone' | 'address' | 'birth_date' | 'code' | 'plate' | 'bank_card' | 'email';

export interface Field {
  type: FieldType;
  title: Text;
  /** Unit of measure as shown to people, e.g. `m`, `cm`, `MPa`. */
  unit?: string;
  /** May appear in a filter; filterable fields are also the columns of the aggregate column store. */
  filterable?: boolean;
  /** The only values allowed, with their titles. */
  values?: Record<string, Text>;
  mask?: Mask;
  required?: boolean;
  /** Inclusive range for `int` and `number`. */
  range?: readonly [number, number];
  /** A JavaScript regular expression the whole value must match. */
  pattern?: string;
  /** A number with check digits: resident identity number (GB 11643) or unified social credit code (GB 32100). */
  format?: NumberFormat;
  /** Most characters of a text; 2000 when left out. */
  maxLength?: number;
  /**
   * No column of the file: the loader fills it from the row's `address`, with the code of the one building the address leads
   * to, or with how near to the door the address was found.
   */
  derived?: 'building' | 'precision';
}

/** Forms in which departments hand in data; the last two are rasters. */
export const sourceFormats = [
  'csv',
  'shapefile',
  'geojson',
  'gpkg',
  'xlsx',
  'xls',
  'ods',
  'dbf',
  'json',
  'xml',
  'kml',
  'gml',
  'georss',
  'gpx',
  'filegdb',
  'dxf',
  'mapinfo',
  'flatgeobuf',
  'parquet',
  'gtfs',
  'osm',
  'geotiff',
  'hgt',
] as const;
export type SourceFormat = (typeof sourceFormats)[number];

/** Formats of rasters. */
export const rasterFormats = ['geotiff', 'hgt'] as const satisfies readonly SourceFormat[];
export type RasterFormat = (typeof rasterFormats)[number];

/** The file a department hands in, and how its columns are named there. */
export interface Source<F extends string = string> {
  /**
   * Path relative to the delivery folder; the folder is the department id. Of a raster it is a folder of its own: one
   * file a picture, and the names of several say the time of each (`…_2006.tif`, `…_20260301T0810.tif`).
   */
  file: string;
  format: SourceFormat;
  /**
   * Address of a service that has the data, instead of a file that is handed in: a file over HTTP, an OGC API Features
   * collection, a WFS feature type or an ArcGIS REST layer. `file` is then only the name the data goes by.
   */
  url?: string;
  encoding?: 'utf-8' | 'gb18030';
  /** CRS the department states: `EPSG:4326`, `EPSG:4490`, `EPSG:4526`, `EPSG:4547`, `EPSG:3857`, `GCJ-02` or `BD-09`. */
  crs: string;
  /** Field -> column name in the file. Fields left out have their own id as column name. */
  columns?: Partial<Record<F, string>>;
  /** For tabular points: the columns that hold x (longitude or easting) and y (latitude or northing). */
  coordinates?: { x: string; y: string };
  /** The field that says when a row was last true; if the newest is older than `freshnessHours` the load says so. */
  timestamp?: F;
}

/** Readings over time of a live layer, whose rows say only what is true now. */
export interface Series<F extends string = string> {
  /**
   * CSV in UTF-8 in the delivery folder, with the columns of the layer's key, of `time` and of `values` as they are named in
   * its own file. A delivery adds to what is there, and replaces the same readings of an earlier one.
   */
  file: string;
  /** The field that a reading's time is of. */
  time: F;
  /** One to six fields that are numbers. */
  values: readonly F[];
  /** Minutes from one reading to the next, as a rule. */
  stepMinutes: number;
}

/**
 * What the features of a live layer measure and send by themselves. The features of a layer with a `series` are sensors of its
 * values; one that says more, or has none, says so here.
 */
export interface Sensor<F extends string = string> {
  /** Fields that are numbers, those of the `series` among them. */
  metrics: readonly F[];
  /** Minutes from one reading to the next, as a rule: silence is measured by it. */
  everyMinutes: number;
}

/** Features that move and say where they are. */
export interface Moving<F extends string = string> {
  /** The field whose range speeds are held to. */
  speed?: F;
  /** Seconds from one position to the next, as a rule. */
  everySeconds: number;
}

export type Symbology<F extends string = string> =
  | { kind: 'none'; color: string }
  | { kind: 'categorical'; field: F; colors: Record<string, string>; other: string }
  | {
      kind: 'ramp';
      field: F;
      stops: readonly number[];
      colors: readonly string[];
      /** Of a raster of heights: light falls on it from the north-west, as if heights were this many times what they are. */
      shaded?: number;
    };

export interface LayerInput<F extends string = string> {
  /** id = file name = URL = table = tile layer = map layer. Singular, snake_case. */
  id: string;
  title: Text;
  department: string;
  class: string;
  subclass: string;
  geometry: Geometry;
  fields: Record<F, Field>;
  /** The field that holds the department's own identifier: stable across loads, unique within the layer. */
  key: F;
  /** The field shown as the feature's name. */
  label?: F;
  /**
   * Fields the search box looks in, the title of the hit first; `label` when left out, `[]` for a layer whose rows nobody
   * looks for by name. Of a layer without personal data no field with a mask.
   */
  search?: readonly F[];
  source: Source<F>;
  cadence: Cadence;
  /** Hours after which the layer counts as stale. */
  freshnessHours: number;
  tiles?: {
    minzoom: number;
    maxzoom: number;
    fields: readonly F[];
    /** Values of a field whose features are sent from a zoom on only, so that coarse tiles stay small and readable. */
    detail?: { field: F; from: Readonly<Record<string, number>> };
  };
  symbology: Symbology<F>;
  /** Picture of a point on the map and in menus: `maki/<name>` or `temaki/<name>`, two icon sets under CC0. */
  icon?: string;
  sensitivity: Sensitivity;
  checks: {
    /**
     * Rows expected at full scale, inclusive. A load outside it fails. For a demo district the lower bound is multiplied
     * by its scale and the upper bound stays, because boundaries and streets are complete at every scale. Rows of a raster are its
     * pictures, whatever the scale.
     */
    rows: readonly [number, number];
    /**
     * How far rows may lie from here. A `district` layer, which is most, must touch the district; rows of a `region` layer,
     * such as the tracks of typhoons, may lie anywhere, and those elsewhere have no grid, community and town.
     */
    extent?: 'district' | 'region';
    /** Fields other than the key whose values may not repeat. */
    unique?: readonly F[];
    /** Values that must exist as key of another layer, when that layer is loaded. */
    references?: readonly { field: F; layer: string }[];
    /** Dates of which the first may not be after the second; `today` is the day of the load. A date and a time compare by day. */
    order?: readonly (readonly [F, F | 'today'])[];
    /** No two rows may have the same shape. */
    distinctShapes?: boolean;
    /**
     * The number of rows may change by this share from one load to the next, 0.3 when left out; more must be confirmed.
     */
    change?: number;
  };
  /** Rows without own coordinates take the place of the row of another layer, whose key equals this field. */
  place?: { field: F; layer: string };
  /**
   * The field with the address. Rows with coordinates teach where addresses lie; rows without are placed by theirs, and fields
   * that are `derived` are filled from it.
   */
  address?: F;
  series?: Series<F>;
  sensor?: Sensor<F>;
  moving?: Moving<F>;
  /** What it tells in the report of who and what is inside an area; false: nothing, whatever its subclass. */
  report?: Report<F> | false;
  /** Routes and reachable areas are found on the lines of this layer. */
  travel?: Travel<F>;
}

/** Fields that stand in the department's file, in order. */
export function sourceFields(layer: Pick<Layer, 'fields'>): string[] {
  return Object.keys(layer.fields).filter((name) => layer.fields[name]?.derived === undefined);
}

/** A checked layer definition. `F` widens to string so that generic code can hold any layer. */
export type Layer = LayerInput<string>;

/**
 * Declares a layer. A misspelt field name in `key`, `label`, `search`, `tiles`, `symbology`, `source.columns` or
 * `checks` is a compile error; what types cannot say is in `check.ts`.
 */
export function defineLayer<const F extends string>(
  layer: LayerInput<NoInfer<F>> & { fields: Record<F, Field> },
): Layer {
  return layer as unknown as Layer;
}
