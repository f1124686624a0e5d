import { join } from 'node:path';
import type { Layer, Series } from '../../../layers/define.ts';
import type { Context } from '../context.ts';
import { unknownKey } from '../faults.ts';
import type { Row, Value } from '../files/row.ts';
import { TextFile } from '../files/text-file.ts';
import { MORNING, momentText, TODAY } from '../moment.ts';
import type { Point } from '../plane.ts';
import { createRandom } from '../random.ts';
import { ABSOLUTE, curves } from './curves.ts';
import { Rain } from './rain.ts';

const DAYS = 7;
const WEEK = DAYS * 1440;
/** Smaller districts have readings of some of the features, but not of fewer than these. */
const LEAST = 24;

/** A feature whose readings are written. */
interface Instrument {
  key: string;
  at: Point;
  values: Record<string, Value>;
}

export interface DeliveredSeries {
  file: string;
  /** Rows in the file, faulty ones included. */
  rows: number;
  /** Planted faults, by the code that each row must be refused with. */
  faults: Record<string, number>;
}

/** Takes note of the rows of a layer as they are delivered, then writes the readings of the week before. */
export class SeriesWriter {
  private readonly layer: Layer;
  private readonly series: Series;
  private readonly instruments: Instrument[] = [];

  constructor(layer: Layer, series: Series) {
    this.layer = layer;
    this.series = series;
  }

  note(row: Row): void {
    const at = firstPoint(row);
    if (at) this.instruments.push({ key: String(row.values[this.layer.key]), at, values: { ...row.values } });
  }

  write(context: Context, out: string): DeliveredSeries {
    const { layer, series } = this;
    const { columns } = layer.source;
    const names = [layer.key, series.time, ...series.values];
    const file = new TextFile(join(out, series.file), 'utf-8');
    file.write(`${names.map((name) => columns?.[name] ?? name).join(',')}\r\n`);
    const share = context.scale === 1 ? 1 : Math.round(2 / context.scale);
    const every = Math.max(1, Math.min(share, Math.floor(this.instruments.length / LEAST)));
    const chosen = this.instruments.filter((_, i) => i % every === 0);
    const steps = Array.from({ length: WEEK / series.stepMinutes }, (_, i) => (i + 1) * series.stepMinutes);
    const clock = clockOf(steps);
    const rain = new Rain(context.seed, WEEK);
    const random = createRandom(context.seed, `series ${layer.id}`);
    const faults: Record<string, number> = {};
    let rows = 0;
    const write = (cells: readonly (string | number)[], fault?: string): void => {
      file.write(`${cells.join(',')}\r\n`);
      rows += 1;
      if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1;
    };
    for (const [n, { key, at, values }] of chosen.entries()) {
      const drawn = series.values.map((name) => {
        const curve = curves[layer.id]?.[name];
        if (!curve) throw new Error(`the demo district has no curve for ${layer.id}.${name}`);
        const model = curve({ steps, ...clock, at, row: values, rain, random });
        return fitted(layer, name, model, values);
      });
      for (const [i, time] of clock.times.entries()) {
        const cells = [key, time, ...drawn.map((curve) => curve[i] as number)];
        write(cells);
        // Each kind of fault once in a file, spread over its features: an added row each, so that nothing good is lost.
        if (i !== Math.floor(steps.length / 2)) continue;
        if (n === 0) write(cells, 'DUPLICATE_KEY');
        if (n === 1 % chosen.length) write([unknownKey(key), ...cells.slice(1)], 'UNKNOWN_REFERENCE');
        if (n === 2 % chosen.length) write([key, '2026-02-30 25:00', ...cells.slice(2)], 'BAD_TYPE');
        const [, most] = layer.fields[series.values[0] as string]?.range ?? [0, 1e6];
        if (n === 3 % chosen.length)
          write([key, time.replace('00+08', '07+08'), most * 2 + 1, ...cells.slice(3)], 'OUT_OF_RANGE');
      }
    }
    file.close();
    return { file: series.file, rows, faults };
  }
}

/** Moves a curve so that it ends where the snapshot stands, and keeps it in the field's range. */
function fitted(layer: Layer, name: string, model: readonly number[], values: Record<string, Value>): number[] {
  const field = layer.fields[name];
  const [least, most] = field?.range ?? [-Infinity, Infinity];
  // Of parking: no more are free than there are.
  const room = Number(values['spaces'] ?? values['piles'] ?? Infinity);
  const last = model.at(-1) as number;
  const end = values[name];
  const shift = typeof end === 'number' && !ABSOLUTE.has(layer.id) ? end - last : 0;
  return model.map((value, i) => {
    if (i === model.length - 1 && typeof end === 'number') return end;
    const kept = Math.min(Math.max(value + shift, least), most, room);
    return field?.type === 'int' ? Math.round(kept) : Math.round(kept * 100) / 100;
  });
}

function clockOf(steps: readonly number[]): { times: string[]; hours: number[]; weekend: boolean[] } {
  const first = TODAY - DAYS;
  return {
    times: steps.map((minute) => momentText(first, MORNING + minute)),
    hours: steps.map((minute) => ((MORNING + minute) % 1440) / 60),
    // 1970-01-01 was a Thursday.
    weekend: steps.map((minute) => [2, 3].includes((first + Math.floor((MORNING + minute) / 1440)) % 7)),
  };
}

function firstPoint({ shape }: Row): Point | undefined {
  if (shape?.type === 'Point') return shape.at;
  if (shape?.type === 'LineString') return shape.line[0];
  return shape?.type === 'Polygon' ? shape.rings[0]?.[0] : undefined;
}
