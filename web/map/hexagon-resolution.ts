/** H3 resolution that reads well at a zoom: hexagons of about 25 to 60 pixels. */
export function hexagonResolution(zoom: number): number {
  if (zoom < 11) return 8;
  if (zoom < 12.8) return 9;
  if (zoom < 14.4) return 10;
  return 11;
}
