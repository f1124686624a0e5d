import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import type { FeatureWriter } from './feature-writer.ts';
import type { MadeOf } from './made-of.ts';

/** A result that is to be made: everything was checked, nothing is computed yet. */
export interface ResultPlan {
  layer: Layer;
  madeOf: MadeOf;
  /** Rows it starts from, for those who wait. */
  total: number;
  /** Layers with personal data whose rows are kept in it: noted in the audit. */
  personal: { layer: string; load: number | null; rows: number }[];
  /** Computes and writes its rows. `sql` is a connection of its own. Answers what there is to say of the outcome. */
  write(context: { id: string; sql: Sql; writer: FeatureWriter; signal: AbortSignal }): Promise<object>;
}
