/** What a reader must find in a file of incidents. `id`, `category` and `title` may be missing. */
export interface IncidentColumns {
  time: string;
  /** The hour, where a second column has it. */
  clock?: string;
  /** Undefined where the file has places of its own, or names them only. */
  lon: string | undefined;
  lat: string | undefined;
  /** What names the place, where there are no coordinates: rows with the same text happened at the same place. */
  place?: readonly string[];
  id: string | undefined;
  category: string | undefined;
  /** Joined to the title. */
  title: readonly string[];
}

const KINDS = ['time', 'lon', 'lat', 'place', 'id', 'category', 'title'] as const;
type Kind = (typeof KINDS)[number];

/** A text instead of a column: every row is of this category. */
export const isConstant = (column: string): boolean => column.startsWith('=');

/** Names by kind, best first, compared without case and punctuation. As reported comes before as closed. */
const NAMES: Record<Kind, readonly string[]> = {
  time: ['occurredat', 'atscenetime', 'createddate', 'reportedat', 'datetime', 'time', '发生时间', '上报时间', '時間'],
  lon: ['longitude', 'lon', 'lng', 'x', '经度', '經度'],
  lat: ['latitude', 'lat', 'y', '纬度', '緯度'],
  // Never guessed: which column names a place is for people to say.
  place: [],
  id: ['key', 'uniquekey', 'id', 'caseid', 'incidentid', '案件编号', '编号'],
  category: ['category', 'initialtypegroup', 'complainttype', 'eventclearancegroup', 'type', '类别', '事件类型'],
  title: ['title', 'initialtypedescription', 'descriptor', 'description', '标题', '描述'],
};
/** Where it happened: appended to the title. */
const PLACES = ['hundredblocklocation', 'incidentaddress', 'address', 'location', '地址', '发生地点'];

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/**
 * Finds the columns by their names. `given` (`time=At,lon=X,…`) wins over what is found; title may name several
 * columns joined by `+`, so may time (day and hour) and place; `category==CODE` is one category for all.
 * @param hasPlaces the file has a point for each row besides its columns
 * @throws when time or coordinates are not found, or a column given is not in the file
 */
export function findColumns(columns: readonly string[], given = '', hasPlaces = false): IncidentColumns {
  const byName = new Map(columns.map((column) => [plain(column), column]));
  const named = parseMap(given);
  const find = (kind: Kind): string | undefined => {
    const wanted = named.get(kind);
    if (wanted === undefined) return NAMES[kind].map((name) => byName.get(name)).find((column) => column !== undefined);
    if (!columns.includes(wanted) && !(kind === 'category' && isConstant(wanted)))
      throw new Error(`--map ${kind}=${wanted}: no such column; there are ${columns.join(', ')}`);
    return wanted;
  };
  const need = (kind: Kind): string => {
    const column = find(kind);
    if (column) return column;
    throw new Error(`no ${kind} column found among ${columns.join(', ')}; name it with --map ${kind}=COLUMN`);
  };
  const several = (kind: Kind): string[] => {
    const parts = named.get(kind)?.split('+') ?? [];
    const missing = parts.find((column) => !columns.includes(column));
    if (missing !== undefined)
      throw new Error(`--map ${kind}=${missing}: no such column; there are ${columns.join(', ')}`);
    return parts;
  };
  const [time, clock] = several('time');
  const place = several('place');
  const title = named.has('title')
    ? several('title')
    : [find('title'), PLACES.map((name) => byName.get(name)).find((column) => column !== undefined)].filter(
        (column) => column !== undefined,
      );
  const needsPlace = !hasPlaces && place.length === 0;
  return {
    time: time ?? need('time'),
    ...(clock === undefined ? {} : { clock }),
    lon: needsPlace ? need('lon') : undefined,
    lat: needsPlace ? need('lat') : undefined,
    ...(place.length > 0 ? { place } : {}),
    id: find('id'),
    category: find('category'),
    title,
  };
}

function parseMap(text: string): Map<Kind, string> {
  const map = new Map<Kind, string>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [kind = '', column = ''] = part.split(/=(.*)/s);
    const known = KINDS.find((name) => name === kind.trim());
    if (!known || column === '') throw new Error(`--map ${part}: write KIND=COLUMN, KIND one of ${KINDS.join(', ')}`);
    map.set(known, column.trim());
  }
  return map;
}
