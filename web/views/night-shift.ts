/** Where a wall stands at night, pixels: a few to each side, so that no line burns itself in. */
const PLACES: readonly (readonly [number, number])[] = [
  [0, 0],
  [2, 1],
  [3, 3],
  [1, 2],
  [-1, 3],
  [-3, 2],
  [-2, 0],
  [-3, -2],
  [-1, -3],
  [1, -2],
  [3, -1],
];

/** How far the picture is moved in a minute, CSS. */
export function nightShift(minute: number): string {
  const [x, y] = PLACES[minute % PLACES.length] ?? [0, 0];
  return `translate(${x}px, ${y}px)`;
}
