import type { LayerSummary } from '../../server/app.ts';

const paths: Record<LayerSummary['geometry'], string> = {
  point: 'M8 5a3 3 0 1 0 0 6 3 3 0 1 0 0-6z',
  line: 'M2 12 6 5l4 6 4-7',
  polygon: 'M3 5 9 2l5 5-3 7H4z',
  table: 'M2 3h12v10H2zM2 6.5h12M6 3v10',
  raster: 'M2 3h12v10H2zM2 11l4-4 3 3 2-2 3 3',
};

/** The icon of a layer, or what its geometry looks like. */
export function GeometryIcon({ layer, label }: { layer: Pick<LayerSummary, 'geometry' | 'icon'>; label: string }) {
  const { geometry, icon } = layer;
  if (icon) {
    const picture = `url(/api/icons/${icon})`;
    return <i className="om-geometry om-icon" role="img" aria-label={label} style={{ maskImage: picture }} />;
  }
  return (
    <svg className="om-geometry" viewBox="0 0 16 16" role="img" aria-label={label}>
      <path
        d={paths[geometry]}
        fill={geometry === 'point' ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth="1.4"
      />
    </svg>
  );
}
