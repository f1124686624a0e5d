import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Building } from './buildings.ts';
import type { Context } from './context.ts';
import type { Block } from './district.ts';
import type { RoadClass } from './geography/sources.ts';
import type { LandUse } from './land-use.ts';
import { extentAlong } from './land.ts';
import { type Point, boundsOf, isInside, toDegrees } from './plane.ts';
import { Canvas, type Colour } from './raster.ts';
import { type Random, createRandom } from './random.ts';

const TILE = 256;
/** Drawn pixels per pixel of the finest tile. */
const OVERSAMPLING = 2;
/** Pictures are drawn one tile of this zoom at a time. */
const SHEET = 13;
export const COARSEST = 10;

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

interface Sheet {
  blocks: number[];
  ponds: number[];
  roads: number[];
  buildings: number[];
}

/**
 * Draws an aerial picture of the made-up district and cuts it into PNG tiles, `{z}/{x}/{y}.png` below `folder`.
 * @param finest last zoom, 13 to 15
 * @returns how many tiles were written
 */
export function drawImagery(context: Context, folder: string, finest: number): number {
  rmSync(folder, { recursive: true, force: true });
  const scale = TILE * 2 ** finest;
  const project = (p: Point): Point => {
    const [lon, lat] = toDegrees(p);
    const sin = Math.sin((lat * Math.PI) / 180);
    return [((lon + 180) / 360) * scale, (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * scale];
  };
  const sheets = sortIntoSheets(context, project, TILE * 2 ** (finest - SHEET));
  let written = 0;
  const write = (picture: Canvas, z: number, x: number, y: number): void => {
    if (picture.isEmpty) return;
    mkdirSync(join(folder, String(z), String(x)), { recursive: true });
    writeFileSync(join(folder, String(z), String(x), `${y}.png`), picture.png());
    written += 1;
  };
  let parents = new Map<string, Canvas>();
  for (const [key, sheet] of sheets) {
    const [sx, sy] = key.split(',').map(Number) as [number, number];
    const side = TILE * 2 ** (finest - SHEET);
    const picture = drawSheet(context, sheet, project, [sx * side, sy * side], side);
    for (let z = SHEET; z <= finest; z++) {
      const across = 2 ** (z - SHEET);
      const factor = OVERSAMPLING * 2 ** (finest - z);
      for (let i = 0; i < across; i++) {
        for (let j = 0; j < across; j++) {
          const tile = picture.shrink(i * TILE * factor, j * TILE * factor, TILE, factor);
          write(tile, z, sx * across + i, sy * across + j);
          if (z === SHEET) parents.set(`${sx},${sy}`, tile);
        }
      }
    }
  }
  for (let z = SHEET - 1; z >= COARSEST; z--) {
    const made = new Map<string, Canvas>();
    for (const [key, child] of parents) {
      const [x, y] = key.split(',').map(Number) as [number, number];
      const parent = `${x >> 1},${y >> 1}`;
      const picture = made.get(parent) ?? new Canvas(TILE * 2, TILE * 2, null);
      picture.place(child, (x & 1) * TILE, (y & 1) * TILE);
      made.set(parent, picture);
    }
    parents = new Map();
    for (const [key, picture] of made) {
      const [x, y] = key.split(',').map(Number) as [number, number];
      const tile = picture.shrink(0, 0, TILE, 2);
      write(tile, z, x, y);
      parents.set(key, tile);
    }
  }
  return written;
}

function sortIntoSheets(context: Context, project: (p: Point) => Point, side: number): Map<string, Sheet> {
  const sheets = new Map<string, Sheet>();
  const put = (points: readonly Point[], kind: keyof Sheet, index: number, margin: number): void => {
    const [minX, minY, maxX, maxY] = boundsOf(points);
    const [left, bottom] = project([minX - margin, minY - margin]);
    const [right, top] = project([maxX + margin, maxY + margin]);
    for (let x = Math.floor(left / side); x <= Math.floor(right / side); x++) {
      for (let y = Math.floor(top / side); y <= Math.floor(bottom / side); y++) {
        const key = `${x},${y}`;
        let sheet = sheets.get(key);
        if (!sheet) {
          sheet = { blocks: [], ponds: [], roads: [], buildings: [] };
          sheets.set(key, sheet);
        }
        sheet[kind].push(index);
      }
    }
  };
  context.district.blocks.forEach((block, i) => put(block.ring, 'blocks', i, 0));
  context.ponds.forEach((pond, i) => put(pond.outline, 'ponds', i, 0));
  context.roads.forEach((road, i) => put(road.line, 'roads', i, 24));
  context.buildings.forEach((building, i) => put(building.outline, 'buildings', i, 40));
  return sheets;
}

function drawSheet(context: Context, sheet: Sheet, project: (p: Point) => Point, origin: Point, side: number): Canvas {
  const canvas = new Canvas(side * OVERSAMPLING, side * OVERSAMPLING, null);
  const at = (p: Point): Point => {
    const [x, y] = project(p);
    return [(x - origin[0]) * OVERSAMPLING, (y - origin[1]) * OVERSAMPLING];
  };
  const [a, b] = [at([0, 0]), at([1000, 0])];
  const perMetre = (b[0] - a[0]) / 1000;
  for (const i of sheet.blocks) {
    const block = context.district.blocks[i] as Block;
    canvas.paint([block.ring.map(at)], shade(GROUND[block.use], block.use === 'water' ? 0 : ((i * 37) % 13) - 6));
    if (block.use === 'farm') stripes(canvas, block, at);
  }
  for (const i of sheet.ponds) {
    const pond = context.ponds[i] as (typeof context.ponds)[number];
    canvas.paint([pond.outline.map(at)], WATERS[(i * 7) % WATERS.length] as Colour);
  }
  for (const kind of ['lane', 'residential', 'tertiary', 'secondary', 'primary', 'trunk', 'motorway'] as const) {
    for (const i of sheet.roads) {
      const road = context.roads[i] as (typeof context.roads)[number];
      if (road.class !== kind || (road.isBridge && kind === 'lane')) continue;
      canvas.stroke(road.line.map(at), Math.max(1, ASPHALT[kind].width * perMetre), ASPHALT[kind].colour);
    }
  }
  if (perMetre > 0.3) for (const i of sheet.blocks) trees(canvas, context.district.blocks[i] as Block, i, at, perMetre);
  for (const i of sheet.buildings) {
    const { outline, floors } = context.buildings[i] as Building;
    // The sun stands in the south-east.
    const reach = Math.min(34, floors * 1.3 + 1.5);
    canvas.paint([outline.map(([x, y]) => at([x - reach * 0.7, y + reach * 0.75]))], [72, 74, 70]);
  }
  for (const i of sheet.buildings) {
    const building = context.buildings[i] as Building;
    const roofs = ROOFS[building.usage];
    const roof = roofs[(i * 13 + building.block * 5) % roofs.length] as Colour;
    canvas.paint([building.outline.map(at)], shade(roof, ((i * 29) % 15) - 7));
  }
  return canvas;
}

function shade(colour: Colour, by: number): Colour {
  return [colour[0] + by, colour[1] + by, colour[2] + by];
}

/** Furrows: every second strip of a field a little lighter. */
function stripes(canvas: Canvas, block: Block, at: (p: Point) => Point): void {
  const [minU, minV, maxU, maxV] = extentAlong(block.ring, block.angle);
  const cos = Math.cos(block.angle);
  const sin = Math.sin(block.angle);
  for (let v = minV; v < maxV; v += 26) {
    for (let u = minU; u < maxU; u += 70) {
      const corners = [
        [u + 3, v + 3],
        [u + 66, v + 3],
        [u + 66, v + 23],
        [u + 3, v + 23],
      ].map(([p = 0, q = 0]): Point => [p * cos - q * sin, p * sin + q * cos]);
      if (!corners.every(([x, y]) => isInside(block.ring, x, y))) continue;
      const tint = Math.round(Math.abs(Math.sin(u * 12.9 + v * 78.2)) * 30) - 8;
      canvas.paint([corners.map(at)], [118 + tint, 134 + (tint >> 1), 76 + (tint >> 2)]);
    }
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

function trees(canvas: Canvas, block: Block, index: number, at: (p: Point) => Point, perMetre: number): void {
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
      [62 + tint, 88 + tint, 54 + tint],
    );
  }
}
