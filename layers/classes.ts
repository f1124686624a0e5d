import type { Text } from './define.ts';

export interface Subclass {
  id: string;
  /** Code of the catalogue, e.g. `C0101`. */
  code: string;
  title: Text;
}

export interface LayerClass {
  id: string;
  /** Code of the catalogue, e.g. `C01`. */
  code: string;
  title: Text;
  subclasses: Readonly<Record<string, Subclass>>;
}

function layerClass(
  id: string,
  code: string,
  title: Text,
  subclasses: [id: string, zh: string, en: string][],
): LayerClass {
  return {
    id,
    code,
    title,
    subclasses: Object.fromEntries(
      subclasses.map(([subclass, zh, en], index) => [
        subclass,
        { id: subclass, code: `${code}${String(index + 1).padStart(2, '0')}`, title: { zh, en } },
      ]),
    ),
  };
}

/** The 10 classes and 87 subclasses of the catalogue, in its order: a subclass's code is its place in its class. */
export const classes: Readonly<Record<string, LayerClass>> = {
  base_geography: layerClass('base_geography', 'C01', { zh: '基础地理', en: 'Base geography' }, [
    ['admin_division', '行政区划', 'Administrative divisions'],
    ['imagery', '影像底图', 'Imagery'],
    ['vector_basemap', '矢量底图', 'Vector basemap'],
    ['address', '地名地址', 'Place names and addresses'],
    ['building', '建筑物', 'Buildings'],
    ['terrain', '地形高程', 'Terrain and elevation'],
    ['hydrography', '水系', 'Hydrography'],
    ['three_d', '三维与2.5D', '3D and 2.5D'],
  ]),
  natural_planning: layerClass(
    'natural_planning',
    'C02',
    { zh: '自然资源与规划', en: 'Natural resources and planning' },
    [
      ['land_use', '土地利用', 'Land use'],
      ['spatial_plan', '国土空间规划', 'Territorial spatial planning'],
      ['regulatory_plan', '控制性详细规划', 'Regulatory detailed planning'],
      ['cadastre', '地籍与不动产', 'Cadastre and real estate'],
      ['land_supply', '土地供应', 'Land supply'],
      ['planning_permit', '规划许可', 'Planning permits'],
      ['protection', '资源保护', 'Resource protection'],
      ['geology', '地质与测绘基准', 'Geology and survey control'],
      ['heritage', '历史文化保护', 'Heritage protection'],
    ],
  ),
  urban_construction: layerClass(
    'urban_construction',
    'C03',
    { zh: '城市建设与市政设施', en: 'Urban construction and utilities' },
    [
      ['housing', '房屋管理', 'Housing management'],
      ['construction', '建设工程', 'Construction projects'],
      ['drainage', '排水管网', 'Drainage network'],
      ['water_gas', '供水燃气', 'Water and gas supply'],
      ['roads_bridges', '市政道路桥梁', 'Municipal roads and bridges'],
      ['lighting_power', '照明电力', 'Lighting and power'],
      ['telecom', '通信设施', 'Telecommunications'],
      ['underground', '地下空间', 'Underground space'],
      ['property', '物业与老旧小区', 'Property management and old estates'],
    ],
  ),
  transport: layerClass('transport', 'C04', { zh: '交通出行', en: 'Transport' }, [
    ['metro', '轨道交通', 'Metro'],
    ['bus', '公共交通', 'Public buses'],
    ['road_network', '公路路网', 'Highway network'],
    ['parking', '停车', 'Parking'],
    ['slow_traffic', '慢行与共享', 'Cycling, walking and shared bikes'],
    ['freight', '货运与重点车辆', 'Freight and key vehicles'],
    ['waterway_port', '水运港航', 'Waterways and ports'],
    ['traffic_facility', '交通管控设施', 'Traffic control facilities'],
    ['traffic_realtime', '实时交通', 'Live traffic'],
  ]),
  water_flood: layerClass('water_flood', 'C05', { zh: '水务与防洪排涝', en: 'Water affairs and flood control' }, [
    ['river_lake', '河湖管理', 'River and lake management'],
    ['hydraulic_works', '水利工程', 'Hydraulic works'],
    ['rain_water_regime', '雨水情监测', 'Rainfall and water-level monitoring'],
    ['waterlogging', '内涝治理', 'Waterlogging control'],
    ['water_supply', '供水水质', 'Water supply and quality'],
    ['sewage', '污水治理', 'Sewage treatment'],
    ['river_chief', '河长制', 'River chief system'],
    ['water_resource', '水资源', 'Water resources'],
  ]),
  ecology: layerClass('ecology', 'C06', { zh: '生态环境', en: 'Ecology and environment' }, [
    ['pollution_source', '污染源名录', 'Pollution source register'],
    ['air_quality', '空气质量', 'Air quality'],
    ['water_environment', '水环境', 'Water environment'],
    ['noise', '噪声', 'Noise'],
    ['solid_waste', '固废危废', 'Solid and hazardous waste'],
    ['soil_radiation', '土壤与辐射', 'Soil and radiation'],
    ['online_monitor', '污染源在线监控', 'Online source monitoring'],
    ['env_enforcement', '环境监管执法', 'Environmental enforcement'],
  ]),
  population_livelihood: layerClass(
    'population_livelihood',
    'C07',
    { zh: '人口与社会民生', en: 'Population and livelihood' },
    [
      ['population', '人口', 'Population'],
      ['household', '家庭户籍', 'Households and registration'],
      ['care_group', '重点关爱群体', 'Care groups'],
      ['education_facility', '教育设施', 'Education facilities'],
      ['school_enrolment', '招生入学', 'School enrolment'],
      ['medical', '医疗卫生', 'Health care'],
      ['elderly_care', '养老服务', 'Elderly care'],
      ['social_aid', '社会救助', 'Social aid'],
      ['community_service', '社区服务', 'Community services'],
      ['employment', '就业社保', 'Employment and social insurance'],
    ],
  ),
  economy_entity: layerClass('economy_entity', 'C08', { zh: '法人与经济', en: 'Legal entities and economy' }, [
    ['legal_entity', '市场主体', 'Market entities'],
    ['licence', '证照许可', 'Licences and permits'],
    ['industry_statistics', '行业统计', 'Industry statistics'],
    ['industrial_park', '园区与产业载体', 'Parks and business premises'],
    ['tax', '税收', 'Tax'],
    ['food_drug', '食品药品监管', 'Food and drug safety'],
    ['special_equipment', '特种设备', 'Special equipment'],
    ['credit_supervision', '信用监管', 'Credit supervision'],
    ['rural_collective', '农村集体经济', 'Rural collective economy'],
  ]),
  public_safety: layerClass('public_safety', 'C09', { zh: '公共安全与应急', en: 'Public safety and emergency' }, [
    ['video', '视频感知', 'Video surveillance'],
    ['police_force', '警务力量', 'Police force'],
    ['public_order', '治安案事件', 'Public-order incidents'],
    ['fire', '消防', 'Fire safety'],
    ['hazchem', '危险化学品', 'Hazardous chemicals'],
    ['rescue_resource', '应急资源', 'Rescue resources'],
    ['shelter', '避难与疏散', 'Shelter and evacuation'],
    ['warning_hazard', '预警与灾害', 'Warnings and hazards'],
    ['mass_event', '大型活动', 'Mass events'],
  ]),
  grassroots_governance: layerClass(
    'grassroots_governance',
    'C10',
    { zh: '城市管理与基层治理', en: 'City management and grassroots governance' },
    [
      ['grid', '网格', 'Grids'],
      ['city_component', '城市部件', 'City components'],
      ['city_case', '城管案件', 'City management cases'],
      ['sanitation', '环境卫生', 'Sanitation'],
      ['greening', '园林绿化', 'Parks and greening'],
      ['street_order', '户外广告与街面', 'Outdoor advertising and street order'],
      ['governance_event', '综治事件', 'Governance events'],
      ['enforcement', '违建与执法', 'Illegal building and enforcement'],
    ],
  ),
};
