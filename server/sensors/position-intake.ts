import type { Catalogue } from '../catalogue.ts';
import type { Sql } from '../db/connect.ts';
import { addDays, hasNoPartition } from './day-partitions.ts';
import { shanghaiDay } from '../shanghai-time.ts';
import { POSITION_DAYS } from './keep-days.ts';
import { checkPosition, type Position, type PositionRejection } from './position.ts';

const DAY_MS = 86_400_000;
const DISTRICT = 'district_boundary';

export interface PositionReceipt {
  /** New ones; the others were known. */
  stored: number;
  known: number;
  rejected: (PositionRejection & { index: number })[];
}

/** Stores positions that were checked (`app.store_positions`). Answers how many were new. */
export async function storePositions(sql: Sql, positions: readonly Position[]): Promise<number> {
  if (positions.length === 0) return 0;
  const column = <K extends keyof Position>(name: K): Position[K][] => positions.map((position) => position[name]);
  const store = async (): Promise<number> => {
    const [row] = await sql<{ stored: number }[]>`
      select app.store_positions(${column('kind')}::text[], ${column('vehicle')}::text[], ${column('at')}::float8[],
        ${column('lon')}::float8[], ${column('lat')}::float8[], ${column('speed')}::float4[],
        ${column('bearing')}::float4[], ${column('label')}::text[]) as stored`;
    return row?.stored ?? 0;
  };
  try {
    return await store();
  } catch (cause) {
    if (!hasNoPartition(cause)) throw cause;
    await addDays(
      sql,
      'position',
      positions.map(({ at }) => shanghaiDay(at)),
    );
    return store();
  }
}

/** Checks positions and stores those that are right; the others are named by their place. */
export async function takePositions(
  sql: Sql,
  catalogue: Pick<Catalogue, 'list'>,
  inputs: readonly unknown[],
): Promise<PositionReceipt> {
  const entries = await catalogue.list('staff');
  const now = Date.now();
  const checks = {
    moving: new Map(entries.flatMap(({ layer }) => (layer.moving === undefined ? [] : [[layer.id, layer]]))),
    extent: entries.find(({ layer }) => layer.id === DISTRICT)?.state?.bbox ?? null,
    now,
    oldest: now - (POSITION_DAYS - 1) * DAY_MS,
  };
  const rejected: PositionReceipt['rejected'] = [];
  const positions: Position[] = [];
  for (const [index, input] of inputs.entries()) {
    const checked = checkPosition(input, checks);
    if ('code' in checked) rejected.push({ index, ...checked });
    else positions.push(checked);
  }
  const stored = await storePositions(sql, positions);
  return { stored, known: positions.length - stored, rejected };
}
