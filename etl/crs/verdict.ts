import type { Text } from '../../layers/define.ts';
import type { DeclaredCrs } from '../formats/source.ts';
import { judgeCells } from './cells.ts';
import { judgeNearness, type ReferenceLayer } from './nearness.ts';
import { distance, judgeOffsets, knownOffset, OLD_DATUM, offsetBetween, type OffsetVerdict } from './offsets.ts';
import { type OldDatum, oldDatumOf } from './old-datum.ts';
import { districtFits, fitOf, isPart, secondFit } from './range.ts';
import { saidBy } from './said-by.ts';
import { isGeographic, toWgs84 } from './transform.ts';

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
  /** Set when the rows come from several systems: the parts, the largest first. */
  mixed?: { crs: string; share: number }[];
  /** Set when the file is in a datum before CGCS2000, or displaced like one. */
  oldDatum?: OldDatum | 'suspected';
}

export const MIN_CONFIDENCE = 0.6;

/** A sampled position with what its row says about where it lies. */
export interface Sample {
  x: number;
  y: number;
  /** Middle of the feature, where `x`, `y` is one vertex of a shape. */
  middle?: readonly [number, number];
  /** Codes of the cell (grid or community) the row claims to lie in. */
  cell?: string;
  /** Where the same feature lay in the last load, WGS 84 degrees: its middle. */
  before?: readonly [number, number];
  /** Where the only point of interest of the same name lies, WGS 84 degrees. */
  named?: readonly [number, number];
}

export interface DistrictEvidence {
  /** Code of the grid cell at a place, and of its community; null outside the district. */
  cellsAt?: (lon: number, lat: number) => { grid: string; community: string } | null;
  /** Loaded layers the features should lie near, the likeliest first. */
  references?: readonly ReferenceLayer[];
  /** The CRS was stated by the person who loads, who may know that the last load was wrong. */
  isStatedByPerson?: boolean;
}

export function isUsable({ x, y }: { x: number; y: number }): boolean {
  return Number.isFinite(x) && Number.isFinite(y) && !(x === 0 && y === 0);
}

/** Share of the samples that must fall into the district: planted or real errors may not exceed the rest. */
const MIN_SHARE = 0.7;
/** Files with fewer coordinates than this are left to the checks of single rows when all of them are useless. */
const FEW = 10;

/**
 * Judges a delivery of the district, whose CRS the layer definition states. First by range (does the stated CRS bring
 * the points into the district, or does another?), then by displacement: what rows say of themselves (their own cell
 * code), their place in the last load, the place of their namesakes, and how near they come to roads and buildings.
 * That tells WGS 84, GCJ-02 and BD-09 apart, which differ by some hundred metres, finds rows of several systems in one
 * file, and suspects a datum before CGCS2000.
 */
export async function districtVerdict(
  samples: readonly Sample[],
  stated: string,
  declared: DeclaredCrs | null,
  evidence: DistrictEvidence = {},
): Promise<CrsVerdict> {
  const old = oldDatumOf(stated) ?? (declared ? oldDatumOf(`${declared.crs} ${declared.name}`) : null);
  if (old) return { ...refused([]), oldDatum: old, reasons: [{ zh: `写明为 ${old}`, en: `stated as ${old}` }] };
  const usable = samples.filter(isUsable);
  if (usable.length === 0) return withoutCoordinates(samples.length, stated);
  const fit = fitOf(usable, stated);
  const reasons: Text[] = [
    {
      zh: `按 ${stated} 有 ${percent(fit.share)} 的点落在辖区内`,
      en: `read as ${stated}, ${percent(fit.share)} of the points fall into the district`,
    },
  ];
  const byRange = rangeProblem(usable, stated, fit, reasons);
  if (byRange) return byRange;
  let confidence = 0.8;
  if (declared && declared.from !== 'RFC 7946') {
    reasons.push(saidBy(declared.from, declared.name));
    confidence = 0.9;
  }
  const inside = usable.filter((_, i) => fit.isInside[i]);
  const found = await displacement(inside, stated, evidence);
  if (found) {
    reasons.push(...found.reasons);
    if (found.crs === null) return { ...found, reasons };
    if (!isSameDatum(found.crs, stated)) {
      return {
        ...refused(reasons),
        candidates: [found.crs],
        contradiction: { stated, looksLike: found.crs },
      };
    }
    return { crs: stated, confidence: found.confidence, reasons, candidates: [] };
  }
  if (!isGeographic(stated)) {
    return { crs: stated, confidence: Math.max(confidence, 0.95), reasons, candidates: [] };
  }
  reasons.push({
    zh: '无法用坐标区分 WGS-84、GCJ-02 与 BD-09，按约定',
    en: 'coordinates alone cannot tell WGS 84, GCJ-02 and BD-09 apart here; the layer definition decides',
  });
  return { crs: stated, confidence, reasons, candidates: [] };
}

function withoutCoordinates(rows: number, stated: string): CrsVerdict {
  if (rows >= FEW) {
    return refused([{ zh: '坐标全为 0 或不是数值', en: 'all coordinates are zero or no numbers' }]);
  }
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

/** What the size of the numbers says against the stated CRS. */
function rangeProblem(
  usable: readonly Sample[],
  stated: string,
  fit: ReturnType<typeof fitOf>,
  reasons: Text[],
): CrsVerdict | null {
  // With so few rows left no other reading can be a part of the file.
  if (fit.share >= MIN_SHARE && !isPart(usable.length * (1 - fit.share), usable.length)) return null;
  const fits = districtFits(usable).filter(({ crs }) => crs !== stated && !isSameRange(crs, stated));
  if (fit.share >= MIN_SHARE) {
    // Rows with x and y exchanged are told one by one, and set aside.
    const others = fits.filter(({ crs }) => crs !== swapped(stated) && !isSameRange(crs, swapped(stated)));
    const second = secondFit(fit, others);
    return second ? mixedVerdict([{ crs: stated, share: fit.share }, second], reasons) : null;
  }
  const [best] = [fit, ...fits].toSorted((a, b) => b.share - a.share);
  if (!best || best.share < 0.3) return { ...refused(reasons), contradiction: { stated, looksLike: null } };
  const second = secondFit(best, [fit, ...fits]);
  if (second) return mixedVerdict([{ crs: best.crs, share: best.share }, second], reasons);
  if (best.share < MIN_SHARE) return { ...refused(reasons), contradiction: { stated, looksLike: null } };
  const candidates = fits.filter(({ share }) => share >= MIN_SHARE).map(({ crs }) => crs);
  // Whoever states GCJ-02 and hands in degrees the wrong way round hands in GCJ-02 the wrong way round.
  const looksLike = isSameRange(best.crs, swapped(stated)) ? swapped(stated) : best.crs;
  return { ...refused(reasons), candidates, contradiction: { stated, looksLike } };
}

/** What the place of single features says: a CRS with confidence, a refusal, or null when there is too little to go by. */
async function displacement(
  inside: readonly Sample[],
  stated: string,
  evidence: DistrictEvidence,
): Promise<CrsVerdict | null> {
  const transform = isGeographic(stated) ? plainDegrees(stated) : toWgs84(stated);
  // From here on all are degrees; of three datums in doubt if they were degrees before.
  const samples = inside.map((sample) => {
    const [lon, lat] = transform(sample.x, sample.y);
    const middle = sample.middle ? transform(sample.middle[0], sample.middle[1]) : ([lon, lat] as const);
    return { ...sample, x: lon, y: lat, middle };
  });
  const isDegrees = isGeographic(stated);
  const cells = evidence.cellsAt && isDegrees ? judgeCells(samples, evidence.cellsAt) : null;
  if (cells?.mixed) return mixedVerdict(cells.mixed, cells.reasons);
  const pairs = {
    before: judgeOffsets(offsetsTo(samples, 'before')),
    named: judgeOffsets(offsetsTo(samples, 'named')),
  };
  for (const [kind, verdict] of Object.entries(pairs) as [keyof typeof pairs, OffsetVerdict | null][]) {
    if (verdict?.kind === 'mixed' && !(kind === 'before' && evidence.isStatedByPerson === true)) {
      const parts = verdict.parts.map(({ datum, share }) => ({
        crs: isDegrees ? datum : `${stated} + ${datum}`,
        share,
      }));
      return mixedVerdict(parts, [pairReason(kind, verdict)]);
    }
  }
  if (cells?.crs) return { ...refused(cells.reasons), crs: cells.crs, confidence: 0.98 };
  for (const [kind, verdict] of Object.entries(pairs) as [keyof typeof pairs, OffsetVerdict | null][]) {
    if (verdict?.kind !== 'uniform') continue;
    const judged = judgeUniform(kind, verdict, stated, evidence.isStatedByPerson === true);
    if (judged) return judged;
  }
  for (const reference of isDegrees ? (evidence.references ?? []) : []) {
    const near = await judgeNearness(samples, reference);
    if (!near) continue;
    const reason = {
      zh: `按 ${near.datum}，要素离 ${near.layer} 的距离中位数为 ${Math.round(near.metres)} 米，按其他坐标系不小于 ${Math.round(near.others)} 米`,
      en: `read as ${near.datum}, the median distance to ${near.layer} is ${Math.round(near.metres)} m, by anything else at least ${Math.round(near.others)} m`,
    };
    return { ...refused([reason]), crs: near.datum, confidence: 0.95 };
  }
  return null;
}

function judgeUniform(
  kind: 'before' | 'named',
  verdict: OffsetVerdict & { kind: 'uniform' },
  stated: string,
  isStatedByPerson: boolean,
): CrsVerdict | null {
  const reason = pairReason(kind, verdict);
  const isDegrees = isGeographic(stated);
  const expected = isDegrees ? datumOf(stated) : 'EPSG:4326';
  if (verdict.known !== null && (isDegrees || verdict.known === 'EPSG:4326')) {
    const isSame = verdict.known === expected;
    // The last load may have been the wrong one: then the person says so.
    if (!isSame && kind === 'before' && isStatedByPerson) {
      return { ...refused([reason, byPerson(stated)]), crs: stated, confidence: 0.7 };
    }
    return { ...refused([reason]), crs: isDegrees ? verdict.known : stated, confidence: 0.98 };
  }
  const off = distance(verdict.offset, knownOffset(expected));
  if (off < OLD_DATUM || verdict.spread > off / 2) return null;
  if (verdict.known !== null) {
    // Metres made of displaced degrees.
    return { ...refused([reason]), contradiction: { stated, looksLike: `${verdict.known} → ${stated}` } };
  }
  if (kind === 'before' && isStatedByPerson) {
    return { ...refused([reason, byPerson(stated)]), crs: stated, confidence: 0.7 };
  }
  return { ...refused([reason]), oldDatum: 'suspected' };
}

function byPerson(stated: string): Text {
  return {
    zh: `与上次装载不同，但由人工指明 ${stated}`,
    en: `differs from the last load, but ${stated} was stated by a person`,
  };
}

function pairReason(kind: 'before' | 'named', verdict: OffsetVerdict): Text {
  const zh = kind === 'before' ? '个要素与上次装载相比' : '个要素与同名兴趣点相比';
  const en = kind === 'before' ? 'from the last load' : 'from points of interest of the same name';
  if (verdict.kind === 'uniform') {
    const vector = `${Math.round(verdict.offset.east)} m E, ${Math.round(verdict.offset.north)} m N`;
    const like = verdict.known === null ? '' : verdict.known;
    return {
      zh: `${verdict.pairs} ${zh}偏移 ${vector}${like && `，与 ${like} 相符`}`,
      en: `${verdict.pairs} features are displaced by ${vector} ${en}${like && `, which is ${like}`}`,
    };
  }
  return {
    zh: `${verdict.pairs} ${zh}有不止一种偏移`,
    en: `${verdict.pairs} features are displaced ${en} in more than one way`,
  };
}

function mixedVerdict(parts: { crs: string; share: number }[], reasons: readonly Text[]): CrsVerdict {
  const list = parts.map(({ crs, share }) => `${crs} ${percent(share)}`).join(', ');
  return {
    ...refused([...reasons, { zh: `各行坐标系不一：${list}`, en: `the rows are of several systems: ${list}` }]),
    mixed: parts,
    candidates: parts.map(({ crs }) => crs),
  };
}

function refused(reasons: readonly Text[]): CrsVerdict {
  return { crs: null, confidence: 0, reasons: [...reasons], candidates: [] };
}

function offsetsTo(
  samples: readonly (Sample & { middle: readonly [number, number] })[],
  kind: 'before' | 'named',
): ReturnType<typeof offsetBetween>[] {
  return samples.flatMap((sample) => {
    const place = sample[kind];
    return place ? [offsetBetween(sample.middle, place)] : [];
  });
}

/** Degrees as they are, in the usual order. */
function plainDegrees(stated: string): (x: number, y: number) => readonly [number, number] {
  return stated.endsWith('/yx') ? (x, y) => [y, x] : (x, y) => [x, y];
}

function swapped(crs: string): string {
  return crs.endsWith('/yx') ? crs.slice(0, -3) : `${crs}/yx`;
}

/** True for two CRS whose numbers cannot be told apart by their size. */
function isSameRange(a: string, b: string): boolean {
  return a.endsWith('/yx') === b.endsWith('/yx') && isGeographic(a) && isGeographic(b);
}

function isSameDatum(a: string, b: string): boolean {
  return datumOf(a) === datumOf(b);
}

/** CGCS2000 and WGS 84 are one here; the two Chinese map datums are displaced. */
function datumOf(crs: string): 'EPSG:4326' | 'GCJ-02' | 'BD-09' {
  const plain = crs.replace('/yx', '');
  return plain === 'GCJ-02' || plain === 'BD-09' ? plain : 'EPSG:4326';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
