/** Both rounded to hundredths of a degree, or to whole kilometres. */
export function isCoarse(x: number, y: number): boolean {
  const scale = Math.abs(x) <= 180 && Math.abs(y) <= 180 ? 100 : 0.001;
  return isWhole(x * scale) && isWhole(y * scale) && !(x === 0 && y === 0);
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-7;
}
