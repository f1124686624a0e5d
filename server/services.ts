import type { ColumnStore } from './aggregate/column-store.ts';
import type { Counter } from './aggregate/counter.ts';
import type { Catalogue } from './catalogue.ts';
import type { Database } from './db/connect.ts';
import type { Exports } from './export/exports.ts';
import type { HubStats } from './live/options.ts';
import type { RejectFile } from './reject-file.ts';
import type { SearchIndex } from './search/search-index.ts';

/** What the handlers work with; made once in `app.ts`. */
export interface Services {
  db: Database;
  catalogue: Catalogue;
  columnStore: ColumnStore;
  counter: Counter;
  /** Folder of deliveries: raster tiles are served from `<dataDir>/delivery`. */
  dataDir: string;
  version: string;
  /** Whether the demo district is being made at the moment. */
  isLoading: () => boolean;
  /** What the live hub says of itself; null until it runs. */
  hubStats: () => HubStats | null;
  rejectFile: RejectFile;
  exports: Exports;
  search: SearchIndex;
}
