import type { Text } from '../../layers/define.ts';
import { LoadError } from '../errors.ts';

/** What is recognised and not loaded, and what to hand in instead. */
const WHAT = {
  raster: {
    zh: '这是栅格，但不是 GeoTIFF 或 HGT。请导出为 GeoTIFF（例如 gdal_translate -of GTiff）',
    en: 'this is a raster, but neither GeoTIFF nor HGT. Export it as GeoTIFF (e.g. gdal_translate -of GTiff)',
  },
  'raster-for-rows': {
    zh: '这是栅格（影像、高程），而此图层由记录组成。请交付约定的文件；要按栅格导入，请用 import',
    en: 'this is a raster (imagery, elevation), and the layer is made of records. Hand in the file that was agreed, or import the raster as a layer of its own',
  },
  'raster-type': {
    zh: '像素类型不支持：应为 8 至 32 位整数或 32、64 位浮点数。请转换（gdal_translate -ot Float32）',
    en: 'pixels of this type are not taken: integers of 8 to 32 bits or floats of 32 or 64 are. Convert it (gdal_translate -ot Float32)',
  },
  picture: {
    zh: '这是图片，没有可装载的数据。请交付绘制它所用的数据',
    en: 'this is a picture and holds no data to load. Hand in the data it was drawn from',
  },
  pdf: {
    zh: '这是 PDF。请交付原始表格（CSV、XLSX）或图层（Shapefile、GeoPackage）',
    en: 'this is a PDF. Hand in the table (CSV, XLSX) or the layer (Shapefile, GeoPackage) it was made from',
  },
  archive: {
    zh: '这是 RAR 或 7z 压缩包。请改用 zip 压缩，或解压后导入',
    en: 'this is a RAR or 7z archive. Pack it as zip, or unpack it and import what is in it',
  },
  dwg: {
    zh: '这是 DWG 图纸。请在 CAD 中另存为 DXF，或导出 Shapefile',
    en: 'this is a DWG drawing. Save it as DXF in the CAD program, or export a Shapefile',
  },
  document: {
    zh: '这是文字或演示文档，不是表格。请把其中的表格另存为 CSV 或 XLSX',
    en: 'this is a text document or presentation, not a table. Save the table in it as CSV or XLSX',
  },
  html: {
    zh: '这是网页，不是数据：可能是登录页或错误页。请取得数据文件本身的地址',
    en: 'this is a web page, not data: perhaps a login or error page. Get the address of the data itself',
  },
  'xml-spreadsheet': {
    zh: '这是 XML 电子表格 2003。请在 Excel 中另存为 XLSX',
    en: 'this is an XML Spreadsheet 2003. Save it as XLSX in Excel',
  },
  'shapefile-part': {
    zh: '这是图层文件的附属部分（索引、投影、编码），本身没有数据。请导入 .shp，或包含全部文件的 zip',
    en: 'this is a companion of a layer file (index, projection, encoding) and holds no data of its own. Import the .shp, or a zip of all parts',
  },
  'vector-tile': {
    zh: '这是矢量瓦片：图层的一小块图像，坐标取整，属性不全。请导入制作瓦片所用的图层',
    en: 'this is a vector tile: a rounded picture of a small part of a layer. Import the layer it was made from',
  },
  'no-table': {
    zh: '这不是表格：第一行分不出列，或多数行的列数与第一行不同。若确是表格，请另存为带表头的 CSV 或 XLSX',
    en: 'this is not a table: the first line has no columns, or most lines have another number of them. If it is one, save it as CSV or XLSX with a header line',
  },
  'no-list': {
    zh: '这份 JSON 里没有记录列表（对象数组），也没有 GeoJSON 要素。请导出为对象数组或 GeoJSON',
    en: 'this JSON holds neither a list of records (an array of objects) nor GeoJSON features. Export an array of objects, or GeoJSON',
  },
  'no-rows': {
    zh: '这份 XML 里没有重复出现的记录。请导出为 CSV、XLSX 或 GML',
    en: 'this XML holds no repeated records. Export CSV, XLSX or GML',
  },
} as const satisfies Record<string, Text>;

/** The error for a file of a kind that is not loaded. */
export function unsupported(kind: keyof typeof WHAT, file: string, detail = ''): LoadError {
  const { zh, en } = WHAT[kind];
  const more = detail === '' ? '' : ` (${detail})`;
  return new LoadError('UNSUPPORTED', {
    zh: `${file}：${zh}${more}。`,
    en: `${file}: ${en}${more}.`,
  });
}
