import type { Report } from './sender.ts';

/** Kinds of incident a district hears of: code, share, level, reporting system, what is said of it. */
const KINDS: readonly (readonly [
  category: string,
  share: number,
  severity: number,
  source: string,
  titles: string[],
])[] = [
  ['06010', 9, 0, 'grid-worker', ['人行道旁有暴露垃圾', '巷口堆放垃圾未清运', '绿化带内有散落垃圾']],
  ['06036', 6, 0, 'grid-worker', ['楼道口堆放杂物', '消防栓旁堆放旧家具', '骑楼下堆放纸箱']],
  ['09006', 6, 0, 'video-ai', ['视频识别：占道经营', '路口流动摊贩占道']],
  ['09005', 4, 0, 'video-ai', ['视频识别：店外经营', '商铺物品摆出门外']],
  ['09009', 6, 0, 'hotline-12345', ['机动车占用人行道停放', '小区门口乱停车堵路']],
  ['09011', 5, 0, 'video-ai', ['共享单车堆积堵塞人行道', '地铁口单车乱停放']],
  ['09012', 2, 3, 'grid-worker', ['消防通道被车辆占用', '消防通道堆放杂物']],
  ['06013', 4, 0, 'hotline-12345', ['路面破损有坑洞', '非机动车道塌边']],
  ['06028', 5, 0, 'hotline-12345', ['夜间商铺音响扰民', '广场舞噪声扰民']],
  ['06027', 2, 0, 'hotline-12345', ['餐馆油烟直排', '烧烤店油烟扰民']],
  ['08001', 3, 0, 'hotline-12345', ['工地夜间施工噪声', '装修超时施工扰民']],
  ['08004', 2, 0, 'sensor', ['工地扬尘监测超标', '围挡内未喷淋降尘']],
  ['01003', 3, 4, 'grid-worker', ['雨水井盖破损', '雨水井盖移位']],
  ['01004', 3, 0, 'grid-worker', ['雨水箅子堵塞', '雨水箅子缺失']],
  ['01037', 4, 0, 'hotline-12345', ['路灯不亮', '整段路灯熄灭']],
  ['02014', 1, 3, 'sensor', ['交通信号灯故障']],
  ['03005', 3, 0, 'grid-worker', ['垃圾箱破损', '垃圾箱满溢']],
  ['04002', 2, 4, 'grid-worker', ['行道树倾斜', '枯枝有坠落危险']],
  ['06025', 2, 0, 'sensor', ['河涌水面有漂浮物', '水质监测浊度升高']],
  ['10002', 1, 3, 'hotline-12345', ['架空线缆垂落路面']],
  ['Z0103', 2, 0, 'grid-worker', ['业主与物业因停车收费发生争执']],
  ['Z0101', 2, 0, 'grid-worker', ['邻里因漏水发生纠纷']],
  ['Z0201', 3, 4, 'grid-worker', ['出租屋电动车入楼充电', '疏散楼梯防火门常开']],
  ['Z0202', 2, 4, 'grid-worker', ['沿街商铺私拉电线', '配电箱裸露']],
  ['Z0203', 1, 3, 'sensor', ['餐馆燃气浓度报警']],
  ['Z0401', 2, 4, 'grid-worker', ['独居老人一天未出门，需上门探访']],
  ['Z0503', 2, 0, 'hotline-12345', ['医院周边停车难']],
  ['Z0501', 1, 4, 'hotline-12345', ['整栋楼停水']],
  ['Z0905', 1, 2, 'video-ai', ['路口两车相撞，占用一条车道']],
  ['Z0902', 1, 2, 'sensor', ['下穿通道积水 28 厘米', '低洼路段积水 20 厘米']],
  ['Z0901', 0.3, 1, 'video-ai', ['视频识别：烟火，厂房冒烟']],
];
const TOTAL = KINDS.reduce((sum, kind) => sum + kind[1], 0);

/** What is reported, without its place: `pick` numbers from 0 to 1 choose kind and wording. */
export function makeReport(pick: () => number): Pick<Report, 'category' | 'severity' | 'source' | 'title'> {
  let left = pick() * TOTAL;
  const kind = KINDS.find(([, share]) => (left -= share) < 0) ?? KINDS[0];
  if (!kind) throw new Error('there are no kinds of incident');
  const [category, , severity, source, titles] = kind;
  return { category, severity, source, title: titles[Math.floor(pick() * titles.length)] ?? '' };
}
