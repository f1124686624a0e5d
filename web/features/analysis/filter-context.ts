import { createContext, useContext } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import type { Field } from '../../field-text.ts';
import type { FilterNode } from '../../filter.ts';
import type { DrawMode } from '../../map/draw-mode.ts';
import type { PlaceNames } from '../../place-names.ts';
import type { DrawnShape } from '../../shape.ts';
import type { Language, Selection } from '../../url-state.ts';

/** What every row of the filter builder needs to know, however deep it is. */
export interface FilterContext {
  layer: LayerSummary;
  /** Those that may be filtered by. */
  fields: readonly Field[];
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
  /** Codes of the micro-grids; empty until their boundaries are there. */
  gridCodes: readonly string[];
  lang: Language;
  selection: Selection | null;
  /** The filter that another layer has at the moment. */
  filterOf: (layer: string) => FilterNode | undefined;
  /** Lets somebody draw on the map, and hands over what was drawn. */
  onDraw: (mode: DrawMode, done: (shape: DrawnShape) => void) => void;
  /** What the server says is wrong with a node. */
  problemOf: (node: FilterNode) => { text: string; isRefusal: boolean } | null;
}

export const FilterBuilderContext = createContext<FilterContext | null>(null);

export function useFilterContext(): FilterContext {
  const context = useContext(FilterBuilderContext);
  if (context === null) throw new Error('a part of the filter builder stands outside of it');
  return context;
}
