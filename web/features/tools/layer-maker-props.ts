import type { LayerSummary, ResultJob } from '../../../server/app.ts';
import type { DrawnShape } from '../../shape.ts';
import type { Language, Tool } from '../../url-state.ts';

/** What the forms that make layers are given. */
export interface LayerMakerProps {
  tool: Tool;
  shape: DrawnShape | null;
  catalogue: readonly LayerSummary[];
  /** Layers on the map. */
  shown: readonly string[];
  filterOf: (layer: string) => object | null;
  lang: Language;
  /** Keeps options of the tool in the address. */
  set: (options: Record<string, string>) => void;
  onStarted: (job: ResultJob, title: string) => void;
}
