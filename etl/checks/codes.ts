import type { Text } from '../../layers/define.ts';

/** Why one row was set aside. The row itself is kept in `app.reject`. */
export const rejectCodes = {
  EMPTY_ROW: { zh: '空行', en: 'row is empty' },
  FOOTER_ROW: { zh: '合计行或表尾说明', en: 'a total or a remark, not a row of data' },
  REPEATED_HEADER: { zh: '表头重复出现', en: 'the header again' },
  TRUNCATED_ROW: { zh: '行被截断', en: 'row ends before the last column' },
  SHIFTED_COLUMNS: { zh: '各列错位', en: 'values stand one column off' },
  ROW_SHAPE: { zh: '列数与表头不符', en: 'number of columns differs from the header' },
  MISSING_REQUIRED: { zh: '缺少必填值', en: 'a required value is missing' },
  BAD_TYPE: { zh: '类型不符', en: 'value is not of the declared type' },
  BAD_VALUE: { zh: '不在允许值内', en: 'value is not one of the allowed values' },
  SCIENTIFIC_NOTATION: { zh: '编码被改成科学计数法', en: 'a number was turned into scientific notation' },
  BAD_CHECKSUM: { zh: '校验位不符', en: 'check digit is wrong' },
  MOJIBAKE: { zh: '乱码', en: 'text was decoded wrongly' },
  TEXT_TOO_LONG: { zh: '文字过长', en: 'text is too long' },
  FUTURE_DATE: { zh: '日期在将来', en: 'date is in the future' },
  DATE_ORDER: { zh: '日期先后不符', en: 'dates are in the wrong order' },
  OUT_OF_RANGE: { zh: '超出范围', en: 'value is out of range' },
  BAD_PATTERN: { zh: '格式不符', en: 'value does not match the pattern' },
  DUPLICATE_KEY: { zh: '主键重复', en: 'key occurs twice' },
  NOT_UNIQUE: { zh: '应唯一的值重复', en: 'a value that must be unique occurs twice' },
  BAD_GEOMETRY: { zh: '图形无法使用', en: 'geometry cannot be used' },
  DUPLICATE_GEOMETRY: { zh: '图形重复', en: 'the same geometry occurs twice' },
  WRONG_GEOMETRY_KIND: { zh: '图形类型不符', en: 'wrong kind of geometry' },
  OUTSIDE_DISTRICT: { zh: '在辖区之外', en: 'outside the district' },
  SWAPPED_AXES: { zh: '经纬度颠倒', en: 'x and y are swapped' },
  ZERO_COORDINATES: { zh: '坐标为零', en: 'coordinates are zero' },
  COARSE_COORDINATES: { zh: '坐标精度过粗', en: 'coordinates are rounded too far' },
  BAD_COORDINATES: { zh: '坐标无法使用', en: 'coordinates cannot be used' },
  UNKNOWN_REFERENCE: { zh: '引用的编码不存在', en: 'refers to a key that does not exist' },
  GRID_MISMATCH: { zh: '所填网格与位置不符', en: 'stated grid cell is not where the row lies' },
} as const satisfies Record<string, Text>;
export type RejectCode = keyof typeof rejectCodes;

/** Why a whole load failed. Live rows are untouched. */
export const fileCodes = {
  FILE_NOT_FOUND: { zh: '找不到文件', en: 'file not found' },
  EMPTY_FILE: { zh: '文件为空', en: 'file is empty' },
  TRUNCATED_ARCHIVE: { zh: '压缩包不完整', en: 'archive is damaged or cut short' },
  NO_CRS: { zh: '坐标系不明', en: 'coordinate reference system is unknown' },
  WRONG_CRS: { zh: '坐标系与坐标不符', en: 'stated coordinate reference system contradicts the coordinates' },
  MIXED_CRS: { zh: '各行坐标系不一', en: 'rows are of several coordinate reference systems' },
  OLD_DATUM: {
    zh: '坐标系为西安80、北京54或地方坐标系',
    en: 'coordinates are in Xian 80, Beijing 54 or a local system',
  },
  UNKNOWN_ENCODING: { zh: '字符编码不明或不符', en: 'character encoding is unknown or not the one stated' },
  DOUBLE_HEADER: { zh: '有两行表头', en: 'the file has two header rows' },
  MISSING_COLUMN: { zh: '缺少列', en: 'a column is missing' },
  LINE_TOO_LONG: { zh: '行过长', en: 'a line is too long' },
  NO_CODES: { zh: '没有一列是区划编码', en: 'no column holds codes of boundaries' },
  TOO_MANY_ROWS: { zh: '行数过多', en: 'too many rows' },
  CHOOSE_LAYER: { zh: '文件含多个图层，须选定', en: 'the file holds several layers, one must be chosen' },
  UNSUPPORTED: { zh: '不支持的格式', en: 'the format is not supported' },
  DOWNLOAD_FAILED: { zh: '下载失败', en: 'the download failed' },
  UNREADABLE: { zh: '文件无法读取', en: 'the file cannot be read' },
  TOO_LARGE: { zh: '栅格过大', en: 'the raster is too large' },
  NO_VALUES: { zh: '栅格没有一个有效值', en: 'the raster holds not a single value' },
  ROW_CHANGE: { zh: '行数较上次变化过大', en: 'number of rows changed too much since the last load' },
  ROW_COUNT: { zh: '行数不在预期范围', en: 'number of rows is outside the expected range' },
  UNKNOWN_LAYER: { zh: '没有这个图层', en: 'no such layer' },
  BUSY: { zh: '该图层正在装载', en: 'the layer is being loaded by another process' },
  NOT_CONSERVED: { zh: '行数不守恒', en: 'rows in and rows out do not add up' },
  BAD_USAGE: { zh: '命令用法不对', en: 'wrong usage' },
} as const satisfies Record<string, Text>;
export type FileCode = keyof typeof fileCodes;

/** What was put right in an accepted row; listed in `app.repair`. */
export const repairCodes = {
  MADE_VALID: { zh: '图形已修复', en: 'invalid geometry was made valid' },
  RING_CLOSED: { zh: '已闭合环', en: 'an open ring was closed' },
  REPEATED_POINTS: { zh: '已去除重复点', en: 'repeated points were left out' },
  FULL_WIDTH: { zh: '已转为半角', en: 'full-width letters and digits were made half-width' },
  TEXT_CLEANED: { zh: '已去除多余字符', en: 'characters that do not belong to the value were removed' },
  NUMBER_CLEANED: { zh: '已去除单位或千分位', en: 'a unit or thousands separators were removed' },
  PLACEHOLDER_EMPTIED: { zh: '占位符按空值处理', en: 'a placeholder was read as nothing' },
  EXCEL_DATE: { zh: '已由 Excel 日期序号还原', en: 'a date was restored from a serial number of Excel' },
  PLACED_BY_ADDRESS: { zh: '已按地址落点', en: 'placed by its address' },
} as const satisfies Record<string, Text>;
export type RepairCode = keyof typeof repairCodes;
