/**
 * Which layers the situation card speaks of, and as what: plain data. A layer that the caller may not see is left out, one that
 * was never loaded is said to be missing. Tests hold that each of them and each of their fields exists.
 */
export const CARD_SECTIONS = ['people', 'care', 'enterprises', 'risks', 'facilities', 'pipes', 'weather'] as const;
export type CardSection = (typeof CARD_SECTIONS)[number];

/** Rows around the place by name, the nearest first; how many lie inside; and what is told of each. Not of people. */
export interface Nearby {
  /** Metres around the place that are looked at, whatever the shape. */
  within: number;
  /** Rows that are named. */
  list: number;
  /** Fields that are told of each. */
  tell: readonly string[];
  /** Only rows like this one. */
  where?: { field: string; value: string | boolean };
  /** When the row was observed. */
  at?: string;
  /** Rows whose time has passed are left out. */
  until?: string;
}

export type CardLayer = { layer: string; section: CardSection } & (
  | {
      /** Counted as in the report of an area: bands of age, groups, metres, each withheld where it is small. */
      show: 'inside';
    }
  | ({ show: 'nearby' } & Nearby)
  /** Both: metres inside, and the nearest. */
  | ({ show: 'crossing' } & Nearby)
);

export const cardLayers: readonly CardLayer[] = [
  { layer: 'person', section: 'people', show: 'inside' },

  { layer: 'elderly_alone', section: 'care', show: 'inside' },
  { layer: 'disabled_person', section: 'care', show: 'inside' },
  { layer: 'needy_child', section: 'care', show: 'inside' },
  { layer: 'subsistence_family', section: 'care', show: 'inside' },

  { layer: 'enterprise', section: 'enterprises', show: 'inside' },

  {
    layer: 'hazchem_enterprise',
    section: 'risks',
    show: 'nearby',
    within: 1000,
    list: 3,
    tell: ['major_hazard_level', 'chemicals', 'storage_t'],
  },
  { layer: 'radiation_source', section: 'risks', show: 'nearby', within: 1000, list: 2, tell: ['nuclide', 'category'] },
  { layer: 'fuel_station', section: 'risks', show: 'nearby', within: 1000, list: 2, tell: ['kind', 'capacity_m3'] },
  { layer: 'gas_station_facility', section: 'risks', show: 'nearby', within: 1000, list: 2, tell: ['kind'] },
  { layer: 'boiler_vessel', section: 'risks', show: 'nearby', within: 500, list: 2, tell: ['kind', 'medium'] },
  {
    layer: 'elevator',
    section: 'risks',
    show: 'nearby',
    within: 300,
    list: 1,
    tell: ['state', 'trapped'],
    where: { field: 'state', value: 'in_use' },
  },
  {
    layer: 'fire_key_unit',
    section: 'risks',
    show: 'nearby',
    within: 500,
    list: 2,
    tell: ['category', 'risk_level', 'hazards'],
  },
  { layer: 'pollution_source', section: 'risks', show: 'nearby', within: 500, list: 2, tell: ['kind', 'risk_level'] },

  { layer: 'video_camera', section: 'facilities', show: 'nearby', within: 500, list: 3, tell: ['kind', 'online'] },
  { layer: 'shared_camera', section: 'facilities', show: 'nearby', within: 500, list: 2, tell: ['scene', 'online'] },
  {
    layer: 'fire_hydrant',
    section: 'facilities',
    show: 'nearby',
    within: 800,
    list: 3,
    tell: ['state', 'pressure_mpa', 'road'],
  },
  { layer: 'fire_station', section: 'facilities', show: 'nearby', within: 8000, list: 1, tell: ['kind', 'vehicles'] },
  {
    layer: 'emergency_shelter',
    section: 'facilities',
    show: 'nearby',
    within: 3000,
    list: 2,
    tell: ['kind', 'capacity', 'occupied', 'open'],
  },
  {
    layer: 'hospital',
    section: 'facilities',
    show: 'nearby',
    within: 8000,
    list: 2,
    tell: ['grade', 'free_beds', 'emergency'],
  },
  { layer: 'police_station', section: 'facilities', show: 'nearby', within: 5000, list: 1, tell: ['kind', 'phone'] },

  {
    layer: 'gas_pipe',
    section: 'pipes',
    show: 'crossing',
    within: 500,
    list: 1,
    tell: ['pressure_level', 'diameter_mm', 'material', 'built_year'],
  },
  {
    layer: 'water_supply_pipe',
    section: 'pipes',
    show: 'crossing',
    within: 500,
    list: 1,
    tell: ['grade', 'diameter_mm', 'pressure_mpa', 'road'],
  },
  {
    layer: 'drainage_pipe',
    section: 'pipes',
    show: 'crossing',
    within: 500,
    list: 1,
    tell: ['kind', 'diameter_mm', 'material'],
  },

  {
    layer: 'weather_warning',
    section: 'weather',
    show: 'nearby',
    within: 1,
    list: 3,
    tell: ['kind', 'color', 'issued_at', 'expires_at'],
    where: { field: 'state', value: 'active' },
    until: 'expires_at',
    at: 'issued_at',
  },
  {
    layer: 'rain_gauge',
    section: 'weather',
    show: 'nearby',
    within: 10_000,
    list: 1,
    tell: ['rain_5min_mm', 'rain_1h_mm', 'rain_24h_mm', 'online'],
    at: 'observed_at',
  },
  {
    layer: 'air_station',
    section: 'weather',
    show: 'nearby',
    within: 15_000,
    list: 1,
    tell: ['aqi', 'pm25'],
    at: 'observed_at',
  },
];

/** Layers whose rows say whose area it is. */
export const RESPONSIBLE_LAYERS = {
  staff: 'grid_staff_position',
  grid: 'governance_grid',
  community: 'community_boundary',
  town: 'town_boundary',
} as const;
