import type { Ring } from './alert.ts';

const EARTH_KM = 6371.0088;
const CORNERS = 64;
const RADIANS = Math.PI / 180;

/** A circle on the ground as a closed ring: points at the same distance on a sphere. */
export function circleRing([lon, lat, km]: [number, number, number]): Ring {
  const distance = km / EARTH_KM;
  const ring: Ring = Array.from({ length: CORNERS }, (_, index) => {
    const bearing = (2 * Math.PI * index) / CORNERS;
    const latitude = Math.asin(
      Math.sin(lat * RADIANS) * Math.cos(distance) + Math.cos(lat * RADIANS) * Math.sin(distance) * Math.cos(bearing),
    );
    const east = Math.atan2(
      Math.sin(bearing) * Math.sin(distance) * Math.cos(lat * RADIANS),
      Math.cos(distance) - Math.sin(lat * RADIANS) * Math.sin(latitude),
    );
    return [lon + east / RADIANS, latitude / RADIANS];
  });
  return [...ring, ring[0] as [number, number]];
}
