/** What a reader must find in a file of incidents. `id`, `category` and `title` may be missing. */
export interface IncidentColumns {
  time: string;
  lon: string;
  lat: string;
  id: string | undefined;
  category: string | undefined;
  /** Joined to the title. */
  title: readonly string[];
}

const KINDS = ['time', 'lon', 'lat', 'id', 'category', 'title'] as const;
type Kind = (typeof KINDS)[number];

/** Names by kind, best first, compared without case and punctuation. As reported comes before as closed. */
const NAMES: Record<Kind, readonly string[]> = {
  time: ['occurredat', 'atscenetime', 'createddate', 'reportedat', 'datetime', 'time', '发生时间', '上报时间', '時間'],
  lon: ['longitude', 'lon', 'lng', 'x', '经度', '經度'],
  lat: ['latitude', 'lat', 'y', '纬度', '緯度'],
  id: ['key', 'uniquekey', 'id', 'caseid', 'incidentid', '案件编号', '编号'],
  category: ['category', 'initialtypegroup', 'complainttype', 'eventclearancegroup', 'type', '类别', '事件类型'],
  title: ['title', 'initialtypedescription', 'descriptor', 'description', '标题', '描述'],
};
/** Where it happened: appended to the title. */
const PLACES = ['hundredblocklocation', 'incidentaddress', 'address', 'location', '地址', '发生地点'];

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/**
 * Finds the columns by their names. `given` (`time=At,lon=X,…`) wins over what is found; title may name several
 * columns joined by `+`.
 * @throws when time or coordinates are not found, or a column given is not in the file
 */
export function findColumns(columns: readonly string[], given = ''): IncidentColumns {
  const byName = new Map(columns.map((column) => [plain(column), column]));
  const named = parseMap(given);
  const find = (kind: Kind): string | undefined => {
    const wanted = named.get(kind);
    if (wanted === undefined) return NAMES[kind].map((name) => byName.get(name)).find((column) => column !== undefined);
    if (!columns.includes(wanted))
      throw new Error(`--map ${kind}=${wanted}: no such column; there are ${columns.join(', ')}`);
    return wanted;
  };
  const need = (kind: Kind): string => {
    const column = find(kind);
    if (column) return column;
    throw new Error(`no ${kind} column found among ${columns.join(', ')}; name it with --map ${kind}=COLUMN`);
  };
  const titles = named.get('title')?.split('+') ?? [
    find('title'),
    PLACES.map((name) => byName.get(name)).find((column) => column !== undefined),
  ];
  const title = titles.filter((column) => column !== undefined);
  const missing = title.find((column) => !columns.includes(column));
  if (missing !== undefined) throw new Error(`--map title=${missing}: no such column; there are ${columns.join(', ')}`);
  return { time: need('time'), lon: need('lon'), lat: need('lat'), id: find('id'), category: find('category'), title };
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
