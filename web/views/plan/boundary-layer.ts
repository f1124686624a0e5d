/** The layer that the areas of a level come from. */
export const BOUNDARY_LAYER = {
  grid: 'governance_grid',
  community: 'community_boundary',
  town: 'town_boundary',
} as const;
