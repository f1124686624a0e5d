import type { ColumnStore } from './aggregate/column-store.ts';
import type { Counter } from './aggregate/counter.ts';
import type { Catalogue } from './catalogue.ts';
import type { Database } from './db/connect.ts';
import type { Areas } from './filter/areas.ts';
import type { Exports } from './export/exports.ts';
import type { HubStats } from './live/options.ts';
import type { NotifySettings } from './notify/settings.ts';
import type { AnswerCache } from './routes/answer-cache.ts';
import type { LinkChainReport } from './quality/link-chains.ts';
import type { RasterStore } from './raster/raster-store.ts';
import type { RejectFile } from './reject-file.ts';
import type { TileVersions } from './tiles/tile-versions.ts';
import type { WarmTiles } from './tiles/warm-tiles.ts';
import type { SearchIndex } from './search/search-index.ts';

/** What the handlers work with; made once in `app.ts`. */
export interface Services {
  /** The connections of the request's lane: planners have some of their own. */
  db: Database;
  catalogue: Catalogue;
  columnStore: ColumnStore;
  counter: Counter;
  /** Areas of filters that the database makes. */
  areas: Areas;
  answers: AnswerCache;
  rasters: RasterStore;
  version: string;
  /** What links in answers begin with, e.g. `https://map.example.gov.cn`; undefined: what the request came to. */
  publicUrl: string | undefined;
  /** Whether the demo district is being made at the moment. */
  isLoading: () => boolean;
  /** What the live hub says of itself; null until it runs. */
  hubStats: () => HubStats | null;
  rejectFile: RejectFile;
  warmTiles: WarmTiles;
  tileVersions: TileVersions;
  linkChains: LinkChainReport;
  exports: Exports;
  search: SearchIndex;
  /** Channels by which people are told, as the operator set them up. */
  notify: NotifySettings;
}
