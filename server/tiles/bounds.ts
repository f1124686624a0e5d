type Box = readonly [number, number, number, number];

/** The box around boxes, or null when there is none. */
export function boundsOf(boxes: readonly (Box | null)[]): [number, number, number, number] | null {
  let bounds: [number, number, number, number] | null = null;
  for (const box of boxes) {
    if (box === null) continue;
    bounds ??= [...box];
    bounds = [
      Math.min(bounds[0], box[0]),
      Math.min(bounds[1], box[1]),
      Math.max(bounds[2], box[2]),
      Math.max(bounds[3], box[3]),
    ];
  }
  return bounds;
}
