import type { Text } from './define.ts';

export interface Department {
  /** Folder of its definitions, folder of its deliveries. */
  id: string;
  /** Code of the catalogue, e.g. `D01`. */
  code: string;
  title: Text;
}

/** The 14 departments that own layers, in the order of the catalogue. */
export const departments: Readonly<Record<string, Department>> = {
  natural_resources: {
    id: 'natural_resources',
    code: 'D01',
    title: { zh: '自然资源局', en: 'Natural Resources Bureau' },
  },
  water_affairs: { id: 'water_affairs', code: 'D02', title: { zh: '水务局', en: 'Water Affairs Bureau' } },
  transport: { id: 'transport', code: 'D03', title: { zh: '交通运输局', en: 'Transport Bureau' } },
  public_security: { id: 'public_security', code: 'D04', title: { zh: '公安分局', en: 'Public Security Bureau' } },
  education: { id: 'education', code: 'D05', title: { zh: '教育局', en: 'Education Bureau' } },
  health: { id: 'health', code: 'D06', title: { zh: '卫生健康局', en: 'Health Bureau' } },
  civil_affairs: {
    id: 'civil_affairs',
    code: 'D07',
    title: { zh: '民政和人力资源社会保障局', en: 'Civil Affairs, Human Resources and Social Security Bureau' },
  },
  market_regulation: {
    id: 'market_regulation',
    code: 'D08',
    title: { zh: '市场监督管理局', en: 'Market Regulation Bureau' },
  },
  ecology: { id: 'ecology', code: 'D09', title: { zh: '生态环境分局', en: 'Ecology and Environment Bureau' } },
  urban_management: {
    id: 'urban_management',
    code: 'D10',
    title: { zh: '城市管理和综合执法局', en: 'Urban Management and Law Enforcement Bureau' },
  },
  emergency: { id: 'emergency', code: 'D11', title: { zh: '应急管理局', en: 'Emergency Management Bureau' } },
  agriculture: {
    id: 'agriculture',
    code: 'D12',
    title: { zh: '农业农村局', en: 'Agriculture and Rural Affairs Bureau' },
  },
  housing_construction: {
    id: 'housing_construction',
    code: 'D13',
    title: { zh: '住房城乡建设局', en: 'Housing and Urban-Rural Development Bureau' },
  },
  economy_statistics: {
    id: 'economy_statistics',
    code: 'D14',
    title: { zh: '经济科技和统计局', en: 'Economy, Science, Technology and Statistics Bureau' },
  },
};
