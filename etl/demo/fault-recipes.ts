import type { Field, Layer } from '../../layers/define.ts';
import type { FaultKind } from './faults.ts';
import type { Row, Value } from './files/row.ts';
import type { Point } from './plane.ts';

export interface Recipe {
  kind: FaultKind;
  code: string;
  note: string;
  /** Damages the row in place when it may lose its place or be mended; rejects damage a copy. */
  apply: (row: Row, original: Row) => void;
  /** The copy keeps the key of the good row. */
  keepsKey?: boolean;
}

/** Finds the first field of a layer that may be damaged without breaking a link. */
export type FindField = (test: (field: Field, name: string) => boolean) => string | undefined;

/** What clerks, spreadsheets and exports do to values and rows, as far as a layer's definition and format allow. */
export function clericalRecipes(layer: Layer, find: FindField): Recipe[] {
  return [...valueRecipes(layer, find), ...rowRecipes(layer), ...placeRecipes(layer), ...repairRecipes(layer, find)];
}

function valueRecipes(layer: Layer, find: FindField): Recipe[] {
  const recipes: Recipe[] = [];
  const reject = (code: string, note: string, apply: Recipe['apply']): void => {
    recipes.push({ kind: 'reject', code, note, apply });
  };
  const [checked] = Object.entries(layer.fields).find(([, { format }]) => format !== undefined) ?? [];
  if (checked !== undefined) {
    reject('BAD_CHECKSUM', `${checked} 校验位不符`, (row, original) => {
      // Two good digits trade places, as when somebody types them.
      const text = String(row.values[checked] ?? original.values[checked] ?? '');
      row.values[checked] = mistyped(text);
    });
  }
  const patterned = find((field) => field.pattern !== undefined);
  if (patterned !== undefined) {
    reject('SCIENTIFIC_NOTATION', `${patterned} 被改成科学计数法`, set(patterned, '4.40699E+17'));
  }
  for (const [first, second] of layer.checks.order ?? []) {
    const onDay = (name: string, day: string): string =>
      layer.fields[name]?.type === 'date' ? day : `${day}T08:00:00+08:00`;
    if (second === 'today') {
      reject('FUTURE_DATE', `${first} 在将来`, set(first, onDay(first, '2099-01-01')));
    } else {
      reject('DATE_ORDER', `${first} 晚于 ${second}`, (row) => {
        row.values[first] = onDay(first, '2020-06-02');
        row.values[second] = onDay(second, '2020-06-01');
      });
    }
  }
  const free = find((field) => isFreeText(field));
  if (free !== undefined) {
    reject('MOJIBAKE', `${free} 乱码`, set(free, '锟斤拷锟斤拷'));
    // A dBase field cuts texts off.
    if (layer.source.format !== 'shapefile')
      reject('TEXT_TOO_LONG', `${free} 过长`, set(free, '详见附件。'.repeat(450)));
  }
  return recipes;
}

function isFreeText(field: Field): boolean {
  return field.type === 'string' && field.pattern === undefined && field.values === undefined;
}

function mistyped(number: string): string {
  const digit = Number(number[15]);
  // In the place of a digit another one: every system of check digits notices.
  return Number.isInteger(digit)
    ? `${number.slice(0, 15)}${(digit + 1) % 10}${number.slice(16)}`
    : `${number.slice(0, 15)}1${number.slice(16)}`;
}

function rowRecipes(layer: Layer): Recipe[] {
  const { format } = layer.source;
  if (format !== 'csv' && format !== 'xlsx') return [];
  const recipes: Recipe[] = [];
  const fields = Object.entries(layer.fields).filter(([, { derived }]) => derived === undefined);
  const isKeyTelling =
    layer.fields[layer.key]?.pattern !== undefined ||
    fields.some(([name, field]) => name !== layer.key && field.required === true);
  const only = (row: Row, values: Record<string, Value>): void => {
    row.values = Object.fromEntries(fields.map(([name]) => [name, values[name] ?? null]));
    row.shape = null;
  };
  if (isKeyTelling) {
    recipes.push({
      kind: 'reject',
      code: 'FOOTER_ROW',
      note: '合计行混在数据里',
      apply: (row) => only(row, { [layer.key]: '合计' }),
      keepsKey: true,
    });
    if (fields.length > 2) {
      recipes.push({
        kind: 'reject',
        code: 'REPEATED_HEADER',
        note: '表头重复出现',
        apply: (row) =>
          only(row, Object.fromEntries(fields.map(([name]) => [name, layer.source.columns?.[name] ?? name]))),
        keepsKey: true,
      });
    }
  }
  if (format !== 'csv') return recipes;
  recipes.push({
    kind: 'reject',
    code: 'EMPTY_ROW',
    note: '空行',
    apply: (row) => only(row, {}),
    keepsKey: true,
  });
  recipes.push({
    kind: 'reject',
    code: 'TRUNCATED_ROW',
    note: '行被截断',
    apply: (row) => {
      row.damage = { cells: (cells) => cells.slice(0, -1) };
    },
  });
  // Values that their neighbours' columns refuse.
  const strict = fields.slice(2).filter(([, field]) => !isFreeText(field) && !isNumber(field) && field.type !== 'bool');
  if (fields[0]?.[0] === layer.key && fields[1] && isFreeText(fields[1][1]) && strict.length >= 5) {
    recipes.push({
      kind: 'reject',
      code: 'SHIFTED_COLUMNS',
      note: '漏填一格,其后各值左移一列',
      apply: (row) => {
        row.damage = { cells: (cells) => [cells[0] as string, ...cells.slice(2), ''] };
      },
    });
  }
  return recipes;
}

function placeRecipes(layer: Layer): Recipe[] {
  const recipes: Recipe[] = [];
  if (layer.source.coordinates !== undefined && layer.geometry === 'point') {
    recipes.push({
      kind: 'reject',
      code: 'ZERO_COORDINATES',
      note: '坐标为零',
      apply: (row) => {
        row.damage = { coordinates: ['0', '0'] };
      },
    });
    const isDegrees = !layer.source.crs.startsWith('EPSG:45');
    recipes.push({
      kind: 'reject',
      code: 'COARSE_COORDINATES',
      note: '坐标取整',
      apply: (row) => {
        const easting = layer.source.crs === 'EPSG:4526' ? '38406000' : '406000';
        row.damage = { coordinates: isDegrees ? ['113.1', '23.01'] : [easting, '2545000'] };
      },
    });
  }
  if (layer.checks.distinctShapes === true) {
    recipes.push({ kind: 'reject', code: 'DUPLICATE_GEOMETRY', note: '同一图形报了两次', apply: () => undefined });
  }
  return recipes;
}

function repairRecipes(layer: Layer, find: FindField): Recipe[] {
  const recipes: Recipe[] = [];
  const { address } = layer;
  if (address !== undefined && layer.geometry === 'point') {
    recipes.push({
      kind: 'repair',
      code: 'PLACED_BY_ADDRESS',
      note: '没有坐标,可按地址落到村居',
      apply: (row) => {
        row.shape = null;
        row.values[address] = '广东省佛山市禅城区祖庙街道福贤社区';
      },
    });
  }
  const repair = (code: string, note: string, apply: Recipe['apply']): void => {
    recipes.push({ kind: 'repair', code, note, apply });
  };
  if (layer.source.format === 'csv') {
    const numeric = find((field) => isNumber(field) && field.required === true);
    if (numeric !== undefined) {
      repair('FULL_WIDTH', `${numeric} 为全角数字`, rewrite(numeric, fullWidth));
      const unit = layer.fields[numeric]?.unit ?? '个';
      repair(
        'NUMBER_CLEANED',
        `${numeric} 带单位`,
        rewrite(numeric, (text) => `${text}${unit}`),
      );
    }
    const patterned = find((field) => field.pattern !== undefined && field.required === true);
    const quoted = patterned ?? layer.key;
    if (layer.fields[quoted]?.pattern !== undefined) {
      repair(
        'TEXT_CLEANED',
        `${quoted} 前有 Excel 的撇号`,
        rewrite(quoted, (text) => `'${text}`),
      );
    }
    const optional = find((field) => isNumber(field) && field.required !== true);
    if (optional !== undefined) {
      repair('PLACEHOLDER_EMPTIED', `${optional} 填了横线`, (row) => {
        row.values[optional] = '—';
      });
    }
    const day = find((field) => field.type === 'date' && field.required === true);
    if (day !== undefined) {
      repair(
        'EXCEL_DATE',
        `${day} 为 Excel 日期序号`,
        rewrite(day, (text) => String(Date.parse(text) / 86_400_000 + 25_569)),
      );
    }
  }
  if (layer.source.format === 'geojson' && (layer.geometry === 'polygon' || layer.geometry === 'line')) {
    repair('REPEATED_POINTS', '同一点连续出现两次', (row) => {
      if (row.shape?.type === 'LineString') row.shape = { type: 'LineString', line: doubled(row.shape.line) };
      if (row.shape?.type === 'Polygon') row.shape = { type: 'Polygon', rings: row.shape.rings.map(doubled) };
    });
    if (layer.geometry === 'polygon') {
      repair('RING_CLOSED', '边界没有闭合', (row) => {
        if (row.shape?.type === 'Polygon') {
          row.shape = { type: 'Polygon', rings: row.shape.rings.map((ring) => ring.slice(0, -1)) };
        }
      });
    }
  }
  return recipes;
}

/** Writes the value of a field in another way. */
function rewrite(field: string, change: (text: string) => string): Recipe['apply'] {
  return (row) => {
    const value = row.values[field];
    if (value !== null && value !== undefined) row.values[field] = change(String(value));
  };
}

function isNumber(field: Field): boolean {
  return field.type === 'int' || field.type === 'number';
}

function doubled(line: readonly Point[]): Point[] {
  const [first, second, ...rest] = line as [Point, Point, ...Point[]];
  return [first, second, second, ...rest];
}

function fullWidth(text: string): string {
  return text.replaceAll(/[0-9.]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));
}

function set(field: string, value: Value): Recipe['apply'] {
  return (row) => {
    row.values[field] = value;
  };
}
