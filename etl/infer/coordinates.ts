import type { ColumnProfile } from './column-profile.ts';

const LON = /^(lon|lng|long|longitude|lon_?wgs84|wgs84_?lon|gps_?lng|经度|經度|东经|x坐标_?经度)$/i;
const LAT = /^(lat|latitude|lat_?wgs84|wgs84_?lat|gps_?lat|纬度|緯度|北纬)$/i;
const X = /^(x|easting|east|x_?coord(inate)?|point_?x|coord_?x|东坐标|横坐标|x坐标)$/i;
const Y = /^(y|northing|north|y_?coord(inate)?|point_?y|coord_?y|北坐标|纵坐标|y坐标)$/i;

/** The columns that hold the position of a row: longitude and latitude by name and range, else x and y by name. */
export function findCoordinates(columns: readonly ColumnProfile[]): { x: string; y: string } | null {
  const numeric = columns.filter((column) => column.filled > 0 && (column.type === 'number' || column.type === 'int'));
  const named = (pattern: RegExp): ColumnProfile | undefined => numeric.find(({ name }) => pattern.test(name.trim()));
  const [lon, lat] = [named(LON), named(LAT)];
  if (lon && lat) return { x: lon.name, y: lat.name };
  const [x, y] = [named(X), named(Y)];
  return x && y ? { x: x.name, y: y.name } : null;
}
