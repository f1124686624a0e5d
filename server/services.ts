import type { ColumnStore } from './aggregate/column-store.ts';
import type { Counter } from './aggregate/counter.ts';
import type { Catalogue } from './catalogue.ts';
import type { Database, Sql } from './db/connect.ts';
import type { Areas } from './filter/areas.ts';
import type { Exports } from './export/exports.ts';
import type { Intake } from './incidents/intake.ts';
import type { Messages } from './intake/messages.ts';
import type { HubStats } from './live/options.ts';
import type { NotifySettings } from './notify/settings.ts';
import type { AnswerCache } from './routes/answer-cache.ts';
import type { LinkChainReport } from './quality/link-chains.ts';
import type { RasterStore } from './raster/raster-store.ts';
import type { RejectFile } from './reject-file.ts';
import type { LineCopies } from './tiles/line-copies.ts';
import type { TileVersions } from './tiles/tile-versions.ts';
import type { WarmTiles } from './tiles/warm-tiles.ts';
import type { MediaStore } from './workflow/media-store.ts';
import type { ReadingIntake } from './sensors/reading-intake.ts';
import type { Results } from './results/results.ts';
import type { SearchIndex } from './search/search-index.ts';

/** What the handlers work with; made once in `create-services.ts`. */
export interface Services {
  /** The connections of the request's lane: planners have some of their own. */
  db: Database;
  /** The one way in for incidents. Its connections are those that reports do not share with reads. */
  intake: Intake;
  messages: Messages;
  catalogue: Catalogue;
  columnStore: ColumnStore;
  counter: Counter;
  /** Areas of filters that the database makes. */
  areas: Areas;
  answers: AnswerCache;
  rasters: RasterStore;
  /** Photos and videos of incidents. */
  media: MediaStore;
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
  lineCopies: LineCopies;
  linkChains: LinkChainReport;
  exports: Exports;
  /** Results that are kept as layers. */
  results: Results;
  search: SearchIndex;
  /** The way in for readings of sensors. */
  readings: ReadingIntake;
  /** What positions are stored through. */
  positionSql: Sql;
  /** Channels by which people are told, as the operator set them up. */
  notify: NotifySettings;
}
