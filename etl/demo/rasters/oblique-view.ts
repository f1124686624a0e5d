import { type Building, heightOf } from '../buildings.ts';
import type { Context } from '../context.ts';
import type { Block } from '../district.ts';
import type { RoadClass } from '../geography/sources.ts';
import type { LandUse } from '../land-use.ts';
import { type Point, boundsOf } from '../plane.ts';
import { Canvas, type Colour } from './canvas.ts';
import { projectionAt, sheetSide, writeMosaic } from './mosaic.ts';
import { type SheetContents, sortIntoSheets } from './sheet-contents.ts';

const OVERSAMPLING = 1;
/** How far north a metre of height is drawn, metres: the ground stays a true plan. */
const LEAN = 0.75;
const TALLEST = 170;

const GROUND: Record<LandUse, Colour> = {
  water: [186, 211, 219],
  old_town: [238, 232, 222],
  village: [236, 232, 224],
  estate: [236, 236, 228],
  mixed: [238, 235, 229],
  commerce: [240, 235, 231],
  office: [235, 236, 236],
  factory: [231, 230, 228],
  public: [234, 235, 226],
  park: [203, 222, 193],
  green: [212, 227, 202],
  farm: [224, 229, 204],
  pond: [222, 226, 210],
};
const POND: Colour = [190, 213, 218];
const ROOF: Record<Building['usage'], Colour> = {
  residential: [223, 205, 188],
  mixed: [219, 199, 190],
  commercial: [214, 192, 203],
  office: [196, 201, 213],
  industrial: [203, 205, 199],
  warehouse: [198, 204, 205],
  public: [205, 214, 196],
  other: [214, 212, 207],
};
const STREET: Record<RoadClass, { colour: Colour; width: number }> = {
  motorway: { colour: [214, 205, 214], width: 40 },
  trunk: { colour: [252, 250, 244], width: 34 },
  primary: { colour: [252, 250, 246], width: 27 },
  secondary: { colour: [254, 253, 250], width: 18 },
  tertiary: { colour: [255, 255, 253], width: 12 },
  residential: { colour: [255, 255, 254], width: 8 },
  lane: { colour: [250, 249, 246], width: 3.6 },
};

/** A map whose houses stand up: walls and roofs drawn towards the north by their height, near ones over far ones. */
export function drawObliqueView(context: Context, file: string, zoom: number): void {
  const sheets = sortIntoSheets(context, zoom, TALLEST * LEAN);
  const project = projectionAt(zoom);
  const side = sheetSide(zoom);
  writeMosaic({
    file,
    zoom,
    oversampling: OVERSAMPLING,
    bounds: boundsOf(context.district.blocks.flatMap((block) => block.ring)),
    draw: (x, y) => {
      const sheet = sheets.get(`${x},${y}`);
      return sheet ? drawSheet(context, sheet, project, [x * side, y * side], side) : null;
    },
  });
}

function drawSheet(
  context: Context,
  sheet: SheetContents,
  project: (p: Point) => Point,
  origin: Point,
  side: number,
): Canvas {
  const canvas = new Canvas(side * OVERSAMPLING, side * OVERSAMPLING, null);
  const at = (p: Point): Point => {
    const [x, y] = project(p);
    return [(x - origin[0]) * OVERSAMPLING, (y - origin[1]) * OVERSAMPLING];
  };
  const [a, b] = [at([0, 0]), at([1000, 0])];
  const perMetre = (b[0] - a[0]) / 1000;
  for (const i of sheet.blocks) {
    const block = context.district.blocks[i] as Block;
    canvas.paint([block.ring.map(at)], GROUND[block.use]);
  }
  for (const i of sheet.ponds) {
    const pond = context.ponds[i] as (typeof context.ponds)[number];
    canvas.paint([pond.outline.map(at)], POND);
  }
  for (const kind of ['lane', 'residential', 'tertiary', 'secondary', 'primary', 'trunk', 'motorway'] as const) {
    for (const i of sheet.roads) {
      const road = context.roads[i] as (typeof context.roads)[number];
      if (road.class !== kind || (road.isBridge && kind === 'lane')) continue;
      canvas.stroke(road.line.map(at), Math.max(1, STREET[kind].width * perMetre), STREET[kind].colour);
    }
  }
  const fromNorth = sheet.buildings.toSorted(
    (p, q) => (context.buildings[q] as Building).at[1] - (context.buildings[p] as Building).at[1],
  );
  for (const i of fromNorth) drawBuilding(canvas, context.buildings[i] as Building, at, perMetre);
  return canvas;
}

function drawBuilding(canvas: Canvas, building: Building, at: (p: Point) => Point, perMetre: number): void {
  const roof = ROOF[building.usage];
  const rise = Math.min(TALLEST, heightOf(building)) * LEAN * perMetre;
  const ground = building.outline.map(at);
  const lifted = ground.map(([x, y]): Point => [x, y - rise]);
  for (let i = 0; i < ground.length; i++) {
    const j = (i + 1) % ground.length;
    const p = building.outline[i] as Point;
    const q = building.outline[j] as Point;
    // Outlines run counter-clockwise: a side that runs east faces south, towards the reader.
    if (q[0] <= p[0]) continue;
    const slope = Math.atan2(q[1] - p[1], q[0] - p[0]);
    // Light from the south-west: walls that face it are brighter.
    const shade = 0.74 - 0.22 * Math.sin(slope);
    canvas.paint(
      [[ground[i] as Point, ground[j] as Point, lifted[j] as Point, lifted[i] as Point]],
      [Math.round(roof[0] * shade), Math.round(roof[1] * shade), Math.round(roof[2] * shade)],
    );
  }
  // Higher roofs are lighter, as if nearer to the eye.
  const light = Math.min(22, building.floors * 0.9);
  canvas.paint(
    [lifted],
    [Math.min(255, roof[0] + light), Math.min(255, roof[1] + light), Math.min(255, roof[2] + light)],
  );
}
