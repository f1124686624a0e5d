import { maskedFields, type Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import type { Services } from '../services.ts';
import { Checker } from './check.ts';
import { parseBboxParameter, parseDraft, type FilterLanguage } from './parse.ts';
import { both, type Predicate } from './predicate.ts';

/** The parameters of a request that say which rows it is about. */
export interface PredicateQuery {
  filter?: string | undefined;
  /** Left out: text that begins with `{` is JSON, of CQL2 where it has an `op` with `args`; other text is CQL2. */
  filterLang?: FilterLanguage | undefined;
  bbox?: string | undefined;
  /** Areas around rows of other layers are as of then. */
  at?: Date | undefined;
  role: Role;
  /**
   * Whether the answer tells about single rows: then values that it hides cannot be compared with, since that would
   * tell them. Counts may, as they withhold what is small.
   */
  shows: 'rows' | 'counts';
}

/**
 * The one way from a request to a predicate: reads `filter` and `bbox`, checks them strictly against the layer and makes
 * their areas. What it returns is taken by both compilers. Throws `FILTER_INVALID` or `PARAMETER_INVALID`, naming the place.
 */
export async function readPredicate(
  services: Pick<Services, 'areas'>,
  layer: Layer,
  { filter, filterLang, bbox, at, role, shows }: PredicateQuery,
): Promise<Predicate> {
  const area = parseBboxParameter(bbox);
  const checker = new Checker(layer, shows === 'rows' ? maskedFields(layer, role) : []);
  const draft = parseDraft(checker, filter, filterLang);
  return both(await services.areas.make(draft, { role, at, spent: checker.spent }), area);
}
