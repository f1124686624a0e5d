import type { Text } from '../../layers/define.ts';
import type { DeclaredCrs } from '../formats/source.ts';
import { CHINA_WINDOW, isWithin } from './district.ts';
import { median } from './offsets.ts';
import { CONTROL_POINTS, oldDatumOf } from './old-datum.ts';
import { saidBy } from './said-by.ts';
import { isGeographic, type ToWgs84 } from './transform.ts';
import { type CrsVerdict, isUsable, type Sample } from './verdict.ts';

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
  const usable = samples.filter(isUsable);
  const asked = stated ?? declared?.crs;
  const name = stated ?? declared?.name ?? '';
  const from: Text = stated
    ? { zh: `由用户指明 ${stated}`, en: `stated by the user: ${stated}` }
    : saidBy(declared?.from ?? 'the file', name);
  const old = asked === undefined ? null : oldDatumOf(`${asked} ${name}`);
  if (old && !stated) {
    return {
      crs: null,
      confidence: 0,
      candidates: [],
      oldDatum: old,
      reasons: [
        from,
        {
          zh: `按近似公式导入会偏移约 100 米；可接受时用 --crs 指明`,
          en: 'imported by the rough formula it would be off by some 100 m; if that will do, state it with --crs',
        },
      ],
    };
  }
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
    if (stated && old) {
      const rough = { zh: `${old} 只能近似转换，约差 100 米`, en: `${old} is only converted roughly: some 100 m off` };
      return { crs: asked, confidence: 0.6, reasons: [from, rough, CONTROL_POINTS], candidates: [] };
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
