import type { ColumnProfile } from './column-profile.ts';

const LON = /^((\w+[ _.])?(lon|lng|long|longitude)|lon_?wgs84|wgs84_?lon|gps_?lng|经度|經度|东经|x坐标_?经度)$/i;
const LAT = /^((\w+[ _.])?(lat|latitude)|lat_?wgs84|wgs84_?lat|gps_?lat|纬度|緯度|北纬)$/i;
const X = /^(x|easting|east|x_?coord(inate)?|point_?x|coord_?x|东坐标|横坐标|x坐标|.*中心[点點]x)$/i;
const Y = /^(y|northing|north|y_?coord(inate)?|point_?y|coord_?y|北坐标|纵坐标|y坐标|.*中心[点點]y)$/i;

/** The columns that hold the position of a row: longitude and latitude by name and range, else x and y by name. */
export function findCoordinates(columns: readonly ColumnProfile[]): { x: string; y: string } | null {
  const numeric = columns.filter((column) => column.filled > 0 && isNumeric(column));
  const named = (pattern: RegExp): ColumnProfile | undefined => numeric.find(({ name }) => pattern.test(name.trim()));
  const [lon, lat] = [named(LON), named(LAT)];
  if (lon && lat) return { x: lon.name, y: lat.name };
  const [x, y] = [named(X), named(Y)];
  return x && y ? { x: x.name, y: y.name } : null;
}

/** Coordinates may be written with a sign, `+47.155405`, or leading zeros, which make a code of any other number. */
function isNumeric({ type, samples }: ColumnProfile): boolean {
  return (
    type === 'number' ||
    type === 'int' ||
    (samples.length > 0 && samples.every((text) => Number.isFinite(Number(text))))
  );
}
