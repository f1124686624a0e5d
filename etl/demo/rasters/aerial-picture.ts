import type { Building } from '../buildings.ts';
import type { Context } from '../context.ts';
import type { Block } from '../district.ts';
import type { RoadClass } from '../geography/sources.ts';
import type { LandUse } from '../land-use.ts';
import { extentAlong } from '../land.ts';
import { type Point, boundsOf, isInside } from '../plane.ts';
import { type Random, createRandom } from '../random.ts';
import { Canvas, type Colour } from './canvas.ts';
import { projectionAt, sheetSide, writeMosaic } from './mosaic.ts';
import { type SheetContents, sortIntoSheets } from './sheet-contents.ts';

/** Drawn pixels per pixel of the finest tile. */
const OVERSAMPLING = 2;
/** Towns that were built up long ago: what is not there yet is building ground, no field. */
const INNER = ['祖庙街道'];
/** Ground cleared for building. */
const BARE: Colour = [158, 136, 108];

const GROUND: Record<LandUse, Colour> = {
  water: [71, 93, 88],
  old_town: [139, 129, 116],
  village: [142, 134, 120],
  estate: [126, 132, 112],
  mixed: [137, 132, 121],
  commerce: [148, 143, 134],
  office: [140, 141, 134],
  factory: [152, 149, 142],
  public: [132, 137, 118],
  park: [76, 104, 66],
  green: [86, 112, 72],
  farm: [112, 128, 78],
  pond: [118, 118, 92],
};
const ROOFS: Record<Building['usage'], readonly Colour[]> = {
  residential: [
    [186, 178, 168],
    [170, 160, 150],
    [196, 186, 174],
    [178, 142, 122],
    [164, 156, 150],
    [200, 196, 188],
  ],
  mixed: [
    [182, 176, 168],
    [168, 162, 154],
    [190, 182, 170],
  ],
  commercial: [
    [200, 198, 194],
    [178, 180, 182],
    [206, 190, 178],
  ],
  office: [
    [176, 184, 190],
    [160, 168, 176],
    [204, 206, 206],
  ],
  industrial: [
    [106, 138, 172],
    [196, 198, 198],
    [178, 182, 184],
    [120, 150, 178],
    [188, 176, 164],
    [140, 150, 156],
  ],
  warehouse: [
    [110, 142, 176],
    [200, 202, 202],
  ],
  public: [
    [196, 188, 176],
    [180, 140, 118],
    [186, 190, 192],
  ],
  other: [
    [160, 154, 144],
    [150, 144, 136],
  ],
};
const WATERS: readonly Colour[] = [
  [88, 108, 98],
  [96, 116, 104],
  [82, 100, 96],
  [104, 116, 96],
  [90, 112, 110],
];
const ASPHALT: Record<RoadClass, { colour: Colour; width: number }> = {
  motorway: { colour: [128, 128, 126], width: 40 },
  trunk: { colour: [122, 122, 120], width: 34 },
  primary: { colour: [124, 124, 121], width: 27 },
  secondary: { colour: [128, 127, 123], width: 18 },
  tertiary: { colour: [131, 130, 125], width: 12 },
  residential: { colour: [135, 133, 126], width: 7.5 },
  lane: { colour: [140, 136, 127], width: 3.4 },
};

/** What an aerial picture shows. */
export interface Moment {
  /** Houses built later are not there yet. */
  year: number;
  /** Added to every colour: films and seasons differ. */
  tint: Colour;
}

/** Draws an aerial picture of the made-up district as a GeoTIFF whose pixels are as large as those of a zoom. */
export function drawAerialPicture(context: Context, file: string, zoom: number, moment: Moment): void {
  const sheets = sortIntoSheets(context, zoom, 40);
  const open = blocksNotBuilt(context, moment.year);
  const later = blocksNotBuilt(context, moment.year + CLEARED);
  const grounds = new Map<number, Open>();
  for (const i of open) {
    const town = context.district.towns[(context.district.blocks[i] as Block).town]?.name ?? '';
    // Ground is cleared some years before houses stand on it; until then it is fields and ponds.
    grounds.set(i, !later.has(i) || INNER.includes(town) ? 'cleared' : i % 5 < 2 ? 'ponds' : 'fields');
  }
  const project = projectionAt(zoom);
  const side = sheetSide(zoom);
  writeMosaic({
    file,
    zoom,
    oversampling: OVERSAMPLING,
    bounds: boundsOf(context.district.blocks.flatMap((block) => block.ring)),
    draw: (x, y) => {
      const sheet = sheets.get(`${x},${y}`);
      return sheet ? drawSheet(context, sheet, project, [x * side, y * side], side, moment, grounds) : null;
    },
  });
}

/** What lies on a block before it was built on. */
type Open = 'cleared' | 'ponds' | 'fields';

/** Years from the clearing of ground to its houses. */
const CLEARED = 3;

/** Blocks most of whose houses came after a year. */
function blocksNotBuilt(context: Context, year: number): Set<number> {
  const balance = new Map<number, number>();
  for (const { block, area, builtYear } of context.buildings) {
    balance.set(block, (balance.get(block) ?? 0) + (builtYear > year ? area : -area));
  }
  return new Set(Array.from(balance).flatMap(([block, sum]) => (sum > 0 ? [block] : [])));
}

function drawSheet(
  context: Context,
  sheet: SheetContents,
  project: (p: Point) => Point,
  origin: Point,
  side: number,
  { year, tint }: Moment,
  open: ReadonlyMap<number, Open>,
): Canvas {
  const canvas = new Canvas(side * OVERSAMPLING, side * OVERSAMPLING, null);
  const at = (p: Point): Point => {
    const [x, y] = project(p);
    return [(x - origin[0]) * OVERSAMPLING, (y - origin[1]) * OVERSAMPLING];
  };
  const tone = ([r, g, b]: Colour): Colour => [r + tint[0], g + tint[1], b + tint[2]];
  const [a, b] = [at([0, 0]), at([1000, 0])];
  const perMetre = (b[0] - a[0]) / 1000;
  for (const i of sheet.blocks) {
    const block = context.district.blocks[i] as Block;
    const was = open.get(i);
    const ground =
      was === undefined ? GROUND[block.use] : was === 'cleared' ? BARE : GROUND[was === 'ponds' ? 'pond' : 'farm'];
    canvas.paint([block.ring.map(at)], tone(shade(ground, block.use === 'water' ? 0 : ((i * 37) % 13) - 6)));
    if (was === 'fields' || (was === undefined && block.use === 'farm')) stripes(canvas, block, at, tone);
    if (was === 'ponds') {
      for (const corners of cells(block, 96, 62, 7)) {
        canvas.paint([corners.map(at)], tone(WATERS[(i * 7) % WATERS.length] as Colour));
      }
    }
  }
  for (const i of sheet.ponds) {
    const pond = context.ponds[i] as (typeof context.ponds)[number];
    canvas.paint([pond.outline.map(at)], tone(WATERS[(i * 7) % WATERS.length] as Colour));
  }
  for (const kind of ['lane', 'residential', 'tertiary', 'secondary', 'primary', 'trunk', 'motorway'] as const) {
    for (const i of sheet.roads) {
      const road = context.roads[i] as (typeof context.roads)[number];
      if (road.class !== kind || (road.isBridge && kind === 'lane')) continue;
      canvas.stroke(road.line.map(at), Math.max(1, ASPHALT[kind].width * perMetre), tone(ASPHALT[kind].colour));
    }
  }
  if (perMetre > 0.3) {
    for (const i of sheet.blocks) {
      if (!open.has(i)) trees(canvas, context.district.blocks[i] as Block, i, at, perMetre, tone);
    }
  }
  const standing = sheet.buildings.filter((i) => (context.buildings[i] as Building).builtYear <= year);
  for (const i of standing) {
    const { outline, floors } = context.buildings[i] as Building;
    // The sun stands in the south-east.
    const reach = Math.min(34, floors * 1.3 + 1.5);
    canvas.paint([outline.map(([x, y]) => at([x - reach * 0.7, y + reach * 0.75]))], tone([72, 74, 70]));
  }
  for (const i of standing) {
    const building = context.buildings[i] as Building;
    const roofs = ROOFS[building.usage];
    const roof = roofs[(i * 13 + building.block * 5) % roofs.length] as Colour;
    canvas.paint([building.outline.map(at)], tone(shade(roof, ((i * 29) % 15) - 7)));
  }
  return canvas;
}

function shade(colour: Colour, by: number): Colour {
  return [colour[0] + by, colour[1] + by, colour[2] + by];
}

/** Rectangles along the grain of a block, as many as lie in it as a whole. */
function* cells(block: Block, length: number, depth: number, gap: number): Generator<Point[]> {
  const [minU, minV, maxU, maxV] = extentAlong(block.ring, block.angle);
  const cos = Math.cos(block.angle);
  const sin = Math.sin(block.angle);
  for (let v = minV; v < maxV; v += depth) {
    for (let u = minU; u < maxU; u += length) {
      const corners = [
        [u + gap / 2, v + gap / 2],
        [u + length - gap / 2, v + gap / 2],
        [u + length - gap / 2, v + depth - gap / 2],
        [u + gap / 2, v + depth - gap / 2],
      ].map(([p = 0, q = 0]): Point => [p * cos - q * sin, p * sin + q * cos]);
      if (corners.every(([x, y]) => isInside(block.ring, x, y))) yield corners;
    }
  }
}

/** Furrows: strips of a field, some a little lighter. */
function stripes(canvas: Canvas, block: Block, at: (p: Point) => Point, tone: (colour: Colour) => Colour): void {
  for (const corners of cells(block, 70, 26, 5)) {
    const [x, y] = corners[0] as Point;
    const tint = Math.round(Math.abs(Math.sin(x * 12.9 + y * 78.2)) * 30) - 8;
    canvas.paint([corners.map(at)], tone([118 + tint, 134 + (tint >> 1), 76 + (tint >> 2)]));
  }
}

const TREES: Partial<Record<LandUse, number>> = {
  park: 210,
  green: 240,
  estate: 620,
  public: 620,
  office: 900,
  village: 1500,
  farm: 2600,
  mixed: 1500,
  commerce: 2000,
  old_town: 1800,
  factory: 2600,
};

function trees(
  canvas: Canvas,
  block: Block,
  index: number,
  at: (p: Point) => Point,
  perMetre: number,
  tone: (colour: Colour) => Colour,
): void {
  const each = TREES[block.use];
  if (!each) return;
  const random: Random = createRandom(440604, `trees ${index}`);
  const [minX, minY, maxX, maxY] = boundsOf(block.ring);
  const count = Math.min(400, ((maxX - minX) * (maxY - minY)) / each);
  for (let k = 0; k < count; k++) {
    const x = random.between(minX, maxX);
    const y = random.between(minY, maxY);
    const radius = random.between(2.2, 5) * perMetre;
    const tint = random.int(-10, 10);
    if (!isInside(block.ring, x, y)) continue;
    const [px, py] = at([x, y]);
    canvas.paint(
      [
        [
          [px - radius, py - radius * 0.4],
          [px - radius * 0.4, py - radius],
          [px + radius * 0.4, py - radius],
          [px + radius, py - radius * 0.4],
          [px + radius, py + radius * 0.4],
          [px + radius * 0.4, py + radius],
          [px - radius * 0.4, py + radius],
          [px - radius, py + radius * 0.4],
        ],
      ],
      tone([62 + tint, 88 + tint, 54 + tint]),
    );
  }
}
