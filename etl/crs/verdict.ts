import type { Text } from '../../layers/define.ts';
import type { DeclaredCrs } from '../formats/source.ts';
import { CHINA_OFFSETS, CHINA_WINDOW, DISTRICT_WINDOW, isWithin } from './district.ts';
import { isGeographic, type ToWgs84, toWgs84 } from './transform.ts';

/** What the coordinates of a file say about their reference system. */
export interface CrsVerdict {
  /** The CRS to read by, or null when it cannot be told. */
  crs: string | null;
  /** 0..1. Below `MIN_CONFIDENCE` nothing is loaded. */
  confidence: number;
  reasons: Text[];
  /** Other CRS that would fit, most likely first. */
  candidates: string[];
  /** Set when the stated CRS cannot be right: what the coordinates look like instead, or null when nothing fits. */
  contradiction?: { stated: string; looksLike: string | null };
}

export const MIN_CONFIDENCE = 0.6;

/** A sampled position with what its row says about where it lies. */
export interface Sample {
  x: number;
  y: number;
  /** Codes of the cell (grid or community) the row claims to lie in. */
  cell?: string;
  /** Where the same feature lay in the last load, WGS 84 degrees. */
  before?: readonly [number, number];
}

export interface DistrictEvidence {
  /** Code of the grid cell at a place, and of its community; null outside the district. */
  cellsAt: (lon: number, lat: number) => { grid: string; community: string } | null;
}

/** CRS a delivery of this district may be in, most common first. */
const DISTRICT_CANDIDATES = [
  'EPSG:4326',
  'EPSG:4526',
  'EPSG:4547',
  'EPSG:3857',
  'EPSG:4525',
  'EPSG:4546',
  'EPSG:4527',
  'EPSG:4548',
  'EPSG:4508',
  'EPSG:4497',
];
const SHIFTED = ['EPSG:4326', 'GCJ-02', 'BD-09'] as const;
/** Share of the samples that must fall into the district: planted or real errors may not exceed the rest. */
const MIN_SHARE = 0.7;

/**
 * Judges a delivery of the district, whose CRS the layer definition states. First by range (does the stated CRS bring
 * the points into the district, or does another?), then, among WGS 84, GCJ-02 and BD-09, which differ by some
 * hundred metres, by what rows say of themselves: their own cell code, and their place in the last load.
 */
export function districtVerdict(
  samples: readonly Sample[],
  stated: string,
  declared: DeclaredCrs | null,
  evidence?: DistrictEvidence,
): CrsVerdict {
  const reasons: Text[] = [];
  const usable = samples.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y) && !(x === 0 && y === 0));
  if (usable.length === 0) {
    return {
      crs: stated,
      confidence: MIN_CONFIDENCE,
      candidates: [],
      reasons: [
        {
          zh: `没有坐标可核对，按约定的 ${stated}`,
          en: `no coordinates to check; read as ${stated}, which the layer states`,
        },
      ],
    };
  }
  const share = shareInDistrict(usable, toWgs84(stated));
  if (share < MIN_SHARE) {
    const better = DISTRICT_CANDIDATES.map((crs) => ({ crs, share: shareInDistrict(usable, toWgs84(crs)) }))
      .filter((candidate) => candidate.share >= MIN_SHARE)
      .toSorted((a, b) => b.share - a.share);
    const swapped = shareInDistrict(
      usable.map(({ x, y }) => ({ x: y, y: x })),
      toWgs84(stated),
    );
    const looksLike = better[0]?.crs ?? (swapped >= MIN_SHARE ? `${stated}, x/y swapped` : null);
    return {
      crs: null,
      confidence: 0,
      candidates: better.map(({ crs }) => crs),
      contradiction: { stated, looksLike },
      reasons: [
        {
          zh: `按 ${stated} 只有 ${percent(share)} 的点落在辖区内`,
          en: `read as ${stated}, only ${percent(share)} of the points fall into the district`,
        },
      ],
    };
  }
  reasons.push({
    zh: `按 ${stated} 有 ${percent(share)} 的点落在辖区内`,
    en: `read as ${stated}, ${percent(share)} of the points fall into the district`,
  });
  let confidence = 0.8;
  if (declared && declared.from !== 'RFC 7946') {
    reasons.push({ zh: `${declared.from} 写明 ${declared.name}`, en: `${declared.from} says ${declared.name}` });
    confidence = 0.9;
  }
  if (!isGeographic(stated)) {
    return { crs: stated, confidence: Math.max(confidence, 0.95), reasons, candidates: [] };
  }
  const family = shiftVerdict(usable, stated, evidence);
  if (family) {
    reasons.push(...family.reasons);
    if (family.crs !== null && !sameDatum(family.crs, stated)) {
      return {
        crs: null,
        confidence: 0,
        reasons,
        candidates: [family.crs],
        contradiction: { stated, looksLike: family.crs },
      };
    }
    confidence = 0.98;
  } else {
    reasons.push({
      zh: '无法用坐标区分 WGS-84、GCJ-02 与 BD-09，按约定',
      en: 'coordinates alone cannot tell WGS 84, GCJ-02 and BD-09 apart here; the layer definition decides',
    });
  }
  return { crs: stated, confidence, reasons, candidates: [] };
}

/**
 * Which of WGS 84, GCJ-02, BD-09 the degrees are in, when the rows carry evidence: at least 30 rows that name their
 * own cell (wins by 5 points), or 10 rows that were loaded before (median offset within 80 m of a known shift).
 */
export function shiftVerdict(
  samples: readonly Sample[],
  stated: string,
  evidence?: DistrictEvidence,
): { crs: string | null; reasons: Text[] } | null {
  const placed = samples.filter((sample) => sample.cell !== undefined);
  if (evidence && placed.length >= 30) {
    const scores = SHIFTED.map((crs) => {
      const transform = toWgs84(crs);
      let hits = 0;
      for (const { x, y, cell } of placed) {
        const [lon, lat] = transform(x, y);
        const cells = evidence.cellsAt(lon, lat);
        if (cells && (cells.grid === cell || cells.community === cell)) hits += 1;
      }
      return { crs, share: hits / placed.length };
    }).toSorted((a, b) => b.share - a.share);
    const [best, second] = scores as [(typeof scores)[number], (typeof scores)[number]];
    if (best.share >= 0.5 && best.share - second.share >= 0.05) {
      return {
        crs: best.crs,
        reasons: [
          {
            zh: `按 ${best.crs}，${percent(best.share)} 的行落在自己填写的网格或村居内（次优 ${second.crs} ${percent(second.share)}）`,
            en: `read as ${best.crs}, ${percent(best.share)} of the rows lie in the cell they name (next best ${second.crs}, ${percent(second.share)})`,
          },
        ],
      };
    }
  }
  const pairs = samples.filter((sample) => sample.before !== undefined);
  if (pairs.length < 10) return null;
  // Offsets of the raw degrees from where the same features lay before, in WGS 84.
  const east: number[] = [];
  const north: number[] = [];
  for (const { x, y, before } of pairs) {
    const [lon, lat] = before as readonly [number, number];
    east.push((x - lon) * 111_320 * Math.cos((lat * Math.PI) / 180));
    north.push((y - lat) * 110_574);
  }
  const offset = { east: median(east), north: median(north) };
  const spread = Math.max(
    median(east.map((d) => Math.abs(d - offset.east))),
    median(north.map((d) => Math.abs(d - offset.north))),
  );
  if (spread >= 60) return null;
  const known: [string, { east: number; north: number }][] = [
    ['EPSG:4326', { east: 0, north: 0 }],
    ...Object.entries(CHINA_OFFSETS),
  ];
  for (const [crs, shift] of known) {
    const distance = Math.hypot(offset.east - shift.east, offset.north - shift.north);
    if (distance <= (crs === 'EPSG:4326' ? 30 : 80)) {
      const vector = `${Math.round(offset.east)} m E, ${Math.round(offset.north)} m N`;
      return {
        crs: sameDatum(crs, stated) ? stated : crs,
        reasons: [
          {
            zh: `${pairs.length} 个要素与上次装载相比偏移 ${vector}，与 ${crs} 相符`,
            en: `${pairs.length} features are displaced by ${vector} from the last load, which is ${crs}`,
          },
        ],
      };
    }
  }
  return null;
}

/**
 * Judges a file from anywhere on earth. What the file declares counts if its coordinates allow it; degrees without a
 * declaration are taken as WGS 84 with less confidence; projected coordinates without one cannot be guessed.
 * @param stated what the person said with --crs.
 * @param transformOf how to turn a CRS into degrees; throws when it is unknown.
 */
export function worldVerdict(
  samples: readonly Sample[],
  stated: string | undefined,
  declared: DeclaredCrs | null,
  transformOf: (crs: string) => ToWgs84,
): CrsVerdict {
  const usable = samples.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y) && !(x === 0 && y === 0));
  const asked = stated ?? declared?.crs;
  const name = stated ?? declared?.name ?? '';
  const from: Text = stated
    ? { zh: `由用户指明 ${stated}`, en: `stated by the user: ${stated}` }
    : { zh: `${declared?.from} 写明 ${name}`, en: `${declared?.from} says ${name}` };
  const inDegrees = usable.length > 0 && usable.every(({ x, y }) => Math.abs(x) <= 180.001 && Math.abs(y) <= 90.001);
  if (asked !== undefined) {
    const transform = transformOf(asked);
    const fits =
      usable.length === 0 ? 1 : usable.filter(({ x, y }) => isOnEarth(transform(x, y))).length / usable.length;
    const degreesExpected = isGeographic(asked) || /^\s*GEOG(CS|CRS)\[|\+proj=longlat/.test(asked);
    if (fits < 0.9 || (!degreesExpected && inDegrees && usable.length > 1)) {
      const looksLike = inDegrees ? 'EPSG:4326' : (guessProjected(usable)[0] ?? null);
      return {
        crs: null,
        confidence: 0,
        reasons: [from],
        candidates: looksLike ? [looksLike] : [],
        contradiction: { stated: name, looksLike },
      };
    }
    if (stated) return { crs: asked, confidence: 1, reasons: [from], candidates: [] };
    const weak = declared?.from === 'RFC 7946' && usable.some(({ x, y }) => isWithin(CHINA_WINDOW, x, y));
    const reasons = [from, { zh: '坐标与之相符', en: 'the coordinates allow it' }];
    if (weak) {
      reasons.push({
        zh: '位于中国境内且文件未写明坐标系，也可能是 GCJ-02：若偏移约 500 米，请用 --crs GCJ-02 重新导入',
        en: 'lies in China and the file does not name its datum, so it may be GCJ-02: if it is off by some 500 m, import again with --crs GCJ-02',
      });
    }
    return { crs: asked, confidence: weak ? 0.7 : 0.98, reasons, candidates: weak ? ['GCJ-02', 'BD-09'] : [] };
  }
  if (usable.length === 0) {
    return { crs: 'EPSG:4326', confidence: 1, candidates: [], reasons: [{ zh: '没有坐标', en: 'no coordinates' }] };
  }
  if (inDegrees) {
    const china = usable.some(({ x, y }) => isWithin(CHINA_WINDOW, x, y));
    return {
      crs: 'EPSG:4326',
      confidence: china ? 0.65 : 0.85,
      candidates: china ? ['GCJ-02', 'BD-09'] : [],
      reasons: [
        {
          zh: '数值在经纬度范围内，文件未写明坐标系',
          en: 'the numbers are in the range of degrees; the file names no CRS',
        },
        ...(china
          ? [{ zh: '位于中国境内，也可能是 GCJ-02 或 BD-09', en: 'lies in China: may be GCJ-02 or BD-09' }]
          : []),
      ],
    };
  }
  const candidates = guessProjected(usable);
  return {
    crs: null,
    confidence: 0,
    candidates,
    reasons: [{ zh: '投影坐标，文件未写明坐标系', en: 'projected coordinates, and the file names no CRS' }],
  };
}

/** What projected coordinates look like, by range alone: hints for a message, never a decision. */
function guessProjected(samples: readonly Sample[]): string[] {
  const x = median(samples.map((sample) => sample.x));
  const y = median(samples.map((sample) => sample.y));
  const zone = Math.floor(x / 1e6);
  if (zone >= 25 && zone <= 45 && y > 1.5e6 && y < 6e6) return [`EPSG:${4513 + zone - 25}`];
  const candidates: string[] = [];
  if (x > 250_000 && x < 750_000 && y > 1.5e6 && y < 6e6) candidates.push('EPSG:4547', 'EPSG:4546', 'EPSG:4548');
  if (Math.abs(x) < 20_037_509 && Math.abs(y) < 20_048_967) candidates.push('EPSG:3857');
  return candidates;
}

function isOnEarth([lon, lat]: readonly [number, number]): boolean {
  return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180.001 && Math.abs(lat) <= 90.001;
}

function sameDatum(a: string, b: string): boolean {
  return datumOf(a) === datumOf(b);
}

/** CGCS2000 and WGS 84 are one here; the two Chinese map datums are displaced. */
function datumOf(crs: string): string {
  return crs === 'GCJ-02' || crs === 'BD-09' ? crs : 'WGS';
}

function shareInDistrict(samples: readonly { x: number; y: number }[], transform: ToWgs84): number {
  let inside = 0;
  for (const { x, y } of samples) {
    const [lon, lat] = transform(x, y);
    if (isWithin(DISTRICT_WINDOW, lon, lat)) inside += 1;
  }
  return inside / samples.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
