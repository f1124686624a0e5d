/** Limits of concentration (µg/m³) of the sub-indices 0, 50, 100, 150, 200, 300, 400 and 500 by HJ 633-2012. */
const LIMITS = {
  pm25: [0, 35, 75, 115, 150, 250, 350, 500],
  pm10: [0, 50, 150, 250, 350, 420, 500, 600],
  o3: [0, 160, 200, 300, 400, 800, 1000, 1200],
} as const;
const INDICES = [0, 50, 100, 150, 200, 300, 400, 500];

/** Sub-index of one pollutant, interpolated within its band. */
function subIndex(pollutant: keyof typeof LIMITS, concentration: number): number {
  const limits = LIMITS[pollutant];
  for (let i = 1; i < limits.length; i++) {
    const [low, high] = [limits[i - 1] as number, limits[i] as number];
    if (concentration > high && i < limits.length - 1) continue;
    const [from, to] = [INDICES[i - 1] as number, INDICES[i] as number];
    return Math.min(500, Math.ceil(from + ((to - from) * (concentration - low)) / (high - low)));
  }
  return 500;
}

/** Air quality index of hourly means: the worst of its sub-indices. */
export function airQualityIndex(means: Record<keyof typeof LIMITS, number>): number {
  return Math.max(subIndex('pm25', means.pm25), subIndex('pm10', means.pm10), subIndex('o3', means.o3));
}
