import type { Layer, Text } from './define.ts';

/** One step of a chain: the field of the row at hand that names the row of the next layer. */
export type Hop =
  /** A link that the layer declares: its `place`, one of its `checks.references`, or its field `derived` for the building. */
  | { by: string; to: string }
  /** Whether the address of the row is known: the next step starts from the same row. */
  | { address: string };

/** A way over declared links, from a layer to the micro-grid its rows belong to. */
export interface Chain {
  id: string;
  title: Text;
  /** The layer whose rows are followed. */
  from: string;
  hops: readonly Hop[];
}

const BUILDING_TO_GRID: Hop = { by: 'grid_code', to: 'governance_grid' };
const ROOM_TO_GRID: readonly Hop[] = [{ by: 'building_code', to: 'building_footprint' }, BUILDING_TO_GRID];

/** The chains whose match rates are reported. */
export const chains: readonly Chain[] = [
  {
    id: 'person',
    title: { zh: '人口→户→户室→建筑→网格', en: 'Person → household → room → building → micro-grid' },
    from: 'person',
    hops: [{ by: 'household_id', to: 'household' }, { by: 'room_code', to: 'room' }, ...ROOM_TO_GRID],
  },
  {
    id: 'elderly_alone',
    title: { zh: '独居老人→户室→建筑→网格', en: 'Elderly living alone → room → building → micro-grid' },
    from: 'elderly_alone',
    hops: [{ by: 'room_code', to: 'room' }, ...ROOM_TO_GRID],
  },
  {
    id: 'enterprise',
    title: { zh: '企业→登记地址→建筑→网格', en: 'Enterprise → registered address → building → micro-grid' },
    from: 'enterprise',
    hops: [{ address: 'address' }, ...ROOM_TO_GRID],
  },
  {
    id: 'standard_address',
    title: { zh: '标准地址→户室→建筑→网格', en: 'Standard address → room → building → micro-grid' },
    from: 'standard_address',
    hops: [{ by: 'room_code', to: 'room' }, ...ROOM_TO_GRID],
  },
];

/** Every hop that is no link its layer declares, as `<chain>: <message>`. */
export function checkChains(all: readonly Chain[], layers: ReadonlyMap<string, Layer>): string[] {
  return all.flatMap(({ id, from, hops }) => {
    let at = layers.get(from);
    if (at === undefined) return [`${id}: "${from}" is no layer`];
    for (const hop of hops) {
      if ('address' in hop) {
        if (at.address !== hop.address) return [`${id}: "${hop.address}" is not the address of ${at.id}`];
        continue;
      }
      const next: Layer | undefined = layers.get(hop.to);
      if (next === undefined) return [`${id}: "${hop.to}" is no layer`];
      if (!isLink(at, hop.by, hop.to)) return [`${id}: ${at.id}.${hop.by} is no link to ${hop.to}`];
      at = next;
    }
    return [];
  });
}

function isLink(layer: Layer, field: string, to: string): boolean {
  const references = [...(layer.checks.references ?? []), ...(layer.place ? [layer.place] : [])];
  if (references.some((link) => link.field === field && link.layer === to)) return true;
  return layer.fields[field]?.derived === 'building' && to === 'building_footprint';
}
