import type { Ring } from '../plane.ts';

export type Colour = readonly [red: number, green: number, blue: number];

/** A small picture to draw on, in pixels, y down. Even-odd painting, sampled at pixel centres. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;

  constructor(width: number, height: number, background: Colour | null) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height * 4);
    if (!background) return;
    for (let i = 0; i < this.pixels.length; i += 4) {
      this.pixels[i] = background[0];
      this.pixels[i + 1] = background[1];
      this.pixels[i + 2] = background[2];
      this.pixels[i + 3] = 255;
    }
  }

  /** Paints the area between rings (outer and holes together). */
  paint(rings: readonly Ring[], colour: Colour): void {
    let top = Infinity;
    let bottom = -Infinity;
    for (const ring of rings) {
      for (const point of ring) {
        top = Math.min(top, point[1]);
        bottom = Math.max(bottom, point[1]);
      }
    }
    const first = Math.max(0, Math.ceil(top - 0.5));
    const last = Math.min(this.height - 1, Math.floor(bottom - 0.5));
    const xs: number[] = [];
    for (let row = first; row <= last; row++) {
      const y = row + 0.5;
      xs.length = 0;
      for (const ring of rings) {
        for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
          const a = ring[i] as readonly [number, number];
          const b = ring[j] as readonly [number, number];
          if (a[1] > y !== b[1] > y) xs.push(((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]);
        }
      }
      xs.sort((p, q) => p - q);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        const from = Math.max(0, Math.ceil((xs[i] as number) - 0.5));
        const to = Math.min(this.width - 1, Math.ceil((xs[i + 1] as number) - 0.5) - 1);
        const end = (row * this.width + to) * 4;
        for (let k = (row * this.width + from) * 4; k <= end; k += 4) {
          this.pixels[k] = colour[0];
          this.pixels[k + 1] = colour[1];
          this.pixels[k + 2] = colour[2];
          this.pixels[k + 3] = 255;
        }
      }
    }
  }

  /** Draws a line as one quadrilateral per segment, lengthened by half a width so that bends close. */
  stroke(line: Ring, width: number, colour: Colour): void {
    const half = width / 2;
    for (let i = 1; i < line.length; i++) {
      const [ax, ay] = line[i - 1] as readonly [number, number];
      const [bx, by] = line[i] as readonly [number, number];
      const length = Math.hypot(bx - ax, by - ay);
      if (length === 0) continue;
      const ux = ((bx - ax) / length) * half;
      const uy = ((by - ay) / length) * half;
      const x0 = ax - ux * 0.6;
      const y0 = ay - uy * 0.6;
      const x1 = bx + ux * 0.6;
      const y1 = by + uy * 0.6;
      this.paint(
        [
          [
            [x0 - uy, y0 + ux],
            [x1 - uy, y1 + ux],
            [x1 + uy, y1 - ux],
            [x0 + uy, y0 - ux],
          ],
        ],
        colour,
      );
    }
  }

  /**
   * Draws this picture into another, each pixel there the mean of `factor` x `factor` of these; uncovered ones count as
   * transparent. What falls beside the other is left out.
   */
  reduceInto(target: Canvas, factor: number, left: number, top: number): void {
    const all = factor * factor;
    const firstX = Math.max(0, -left);
    const lastX = Math.min(this.width / factor, target.width - left);
    const lastY = Math.min(this.height / factor, target.height - top);
    for (let y = Math.max(0, -top); y < lastY; y++) {
      for (let x = firstX; x < lastX; x++) {
        let red = 0;
        let green = 0;
        let blue = 0;
        let cover = 0;
        for (let dy = 0; dy < factor; dy++) {
          let k = ((y * factor + dy) * this.width + x * factor) * 4;
          for (let dx = 0; dx < factor; dx++, k += 4) {
            // Paint covers a pixel or it does not.
            if (this.pixels[k + 3] === 0) continue;
            red += this.pixels[k] as number;
            green += this.pixels[k + 1] as number;
            blue += this.pixels[k + 2] as number;
            cover += 1;
          }
        }
        if (cover === 0) continue;
        const to = ((top + y) * target.width + left + x) * 4;
        target.pixels[to] = Math.round(red / cover);
        target.pixels[to + 1] = Math.round(green / cover);
        target.pixels[to + 2] = Math.round(blue / cover);
        target.pixels[to + 3] = Math.round((255 * cover) / all);
      }
    }
  }
}
