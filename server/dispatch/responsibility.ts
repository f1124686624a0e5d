/**
 * Which department a kind of incident belongs to: the rule with the longest beginning of the category counts. Plain data; an
 * area may have its own (`app.responsibility`).
 */
export interface ResponsibilityRule {
  /** Beginning of the category. */
  category: string;
  /** Lead department, id of `layers/departments.ts`. */
  lead: string;
  /** Departments that help. */
  help?: readonly string[];
  /** Who is asked first: grid staff where somebody must look or talk, the department where equipment is needed. */
  first: 'staff' | 'department';
}

const rule = (
  category: string,
  lead: string,
  first: ResponsibilityRule['first'],
  ...help: string[]
): ResponsibilityRule => ({ category, lead, first, ...(help.length === 0 ? {} : { help }) });

export const responsibilityRules: readonly ResponsibilityRule[] = [
  // Faults of public utilities, by whose network they are.
  rule('01', 'housing_construction', 'department'),
  rule('01001', 'water_affairs', 'department'),
  rule('01002', 'water_affairs', 'department'),
  rule('01003', 'water_affairs', 'department'),
  rule('01004', 'water_affairs', 'department'),
  rule('01005', 'economy_statistics', 'department'),
  rule('01006', 'urban_management', 'department'),
  rule('01007', 'economy_statistics', 'department'),
  rule('01008', 'economy_statistics', 'department'),
  rule('01009', 'economy_statistics', 'department'),
  rule('01012', 'public_security', 'department'),
  rule('01013', 'emergency', 'department'),
  rule('01014', 'urban_management', 'department'),
  rule('01015', 'public_security', 'department'),
  rule('01017', 'economy_statistics', 'department'),
  rule('01018', 'urban_management', 'department'),
  rule('01019', 'water_affairs', 'department'),
  rule('01020', 'transport', 'department'),
  rule('01024', 'water_affairs', 'department'),
  rule('01025', 'water_affairs', 'department'),
  rule('01027', 'economy_statistics', 'department'),
  rule('01028', 'economy_statistics', 'department'),
  rule('01029', 'economy_statistics', 'department'),
  rule('01030', 'economy_statistics', 'department'),
  rule('01031', 'economy_statistics', 'department'),
  rule('01032', 'transport', 'department'),
  rule('01037', 'urban_management', 'department'),
  rule('01038', 'urban_management', 'department'),
  rule('01039', 'urban_management', 'department'),
  rule('01047', 'economy_statistics', 'department'),
  rule('01048', 'economy_statistics', 'department'),
  rule('01050', 'public_security', 'department'),
  rule('01051', 'public_security', 'department'),
  rule('01054', 'economy_statistics', 'department'),
  rule('01056', 'water_affairs', 'department'),
  rule('01060', 'urban_management', 'department'),
  rule('01062', 'economy_statistics', 'department'),
  rule('01063', 'water_affairs', 'department'),
  rule('01066', 'public_security', 'department'),
  rule('01067', 'water_affairs', 'department', 'emergency'),
  rule('01068', 'water_affairs', 'department'),
  rule('01069', 'water_affairs', 'department'),
  rule('0107', 'water_affairs', 'department'),
  rule('01074', 'housing_construction', 'department'),
  rule('01075', 'urban_management', 'staff'),
  rule('01076', 'market_regulation', 'department'),
  rule('01077', 'urban_management', 'department'),
  // Faults of traffic facilities.
  rule('02', 'transport', 'department'),
  rule('02001', 'urban_management', 'department'),
  rule('02003', 'urban_management', 'department'),
  rule('02010', 'public_security', 'department'),
  rule('02013', 'civil_affairs', 'department'),
  rule('02014', 'public_security', 'department'),
  rule('02015', 'public_security', 'department'),
  rule('02016', 'public_security', 'department'),
  rule('02025', 'urban_management', 'staff'),
  rule('02030', 'water_affairs', 'department'),
  rule('02035', 'emergency', 'department'),
  rule('02037', 'housing_construction', 'department'),
  rule('02038', 'public_security', 'department'),
  rule('02039', 'public_security', 'department'),
  // Faults of what keeps the city clean, and of its green.
  rule('03', 'urban_management', 'department'),
  rule('03009', 'emergency', 'department'),
  rule('03010', 'ecology', 'department'),
  rule('03011', 'ecology', 'department'),
  rule('03012', 'ecology', 'department'),
  rule('03013', 'ecology', 'department'),
  rule('04', 'urban_management', 'department'),
  rule('05', 'urban_management', 'department'),
  rule('05002', 'housing_construction', 'department'),
  rule('05003', 'emergency', 'department'),
  rule('05009', 'housing_construction', 'department'),
  // What is seen on the street.
  rule('06', 'urban_management', 'staff'),
  rule('06013', 'transport', 'department'),
  rule('06016', 'public_security', 'department'),
  rule('06023', 'water_affairs', 'department'),
  rule('06024', 'water_affairs', 'staff'),
  rule('06025', 'water_affairs', 'department'),
  rule('06026', 'water_affairs', 'department', 'ecology'),
  rule('06027', 'ecology', 'staff'),
  rule('06028', 'ecology', 'staff'),
  rule('06030', 'ecology', 'department', 'water_affairs'),
  rule('06033', 'health', 'department', 'ecology'),
  rule('06038', 'agriculture', 'staff'),
  rule('06046', 'water_affairs', 'staff'),
  rule('06048', 'natural_resources', 'department'),
  rule('07', 'urban_management', 'staff'),
  rule('08', 'housing_construction', 'department'),
  rule('08002', 'urban_management', 'staff'),
  rule('08003', 'urban_management', 'department'),
  rule('08004', 'housing_construction', 'department', 'ecology'),
  rule('08011', 'urban_management', 'department'),
  rule('08012', 'urban_management', 'department'),
  rule('08016', 'natural_resources', 'department', 'urban_management'),
  rule('09', 'urban_management', 'staff'),
  rule('09003', 'civil_affairs', 'staff'),
  rule('09009', 'public_security', 'staff'),
  rule('09012', 'emergency', 'staff'),
  rule('09013', 'market_regulation', 'staff'),
  rule('09015', 'market_regulation', 'staff'),
  rule('09020', 'market_regulation', 'staff'),
  rule('10', 'urban_management', 'department'),
  rule('10001', 'transport', 'department'),
  rule('10002', 'economy_statistics', 'department', 'emergency'),
  // Disputes, hazards, public order, people under care, appeals.
  rule('Z01', 'civil_affairs', 'staff'),
  rule('Z0103', 'housing_construction', 'staff'),
  rule('Z0105', 'natural_resources', 'staff'),
  rule('Z0106', 'health', 'staff'),
  rule('Z0107', 'market_regulation', 'staff'),
  rule('Z0109', 'natural_resources', 'staff'),
  rule('Z02', 'emergency', 'staff'),
  rule('Z0202', 'economy_statistics', 'staff', 'emergency'),
  rule('Z0203', 'housing_construction', 'department', 'emergency'),
  rule('Z0204', 'housing_construction', 'staff'),
  rule('Z0205', 'housing_construction', 'department'),
  rule('Z0206', 'emergency', 'department', 'ecology'),
  rule('Z0207', 'market_regulation', 'department'),
  rule('Z0208', 'public_security', 'staff', 'transport'),
  rule('Z0209', 'water_affairs', 'staff'),
  rule('Z03', 'public_security', 'department'),
  rule('Z0304', 'public_security', 'staff'),
  rule('Z04', 'civil_affairs', 'staff'),
  rule('Z0403', 'health', 'staff', 'public_security'),
  rule('Z0405', 'public_security', 'staff', 'civil_affairs'),
  rule('Z05', 'urban_management', 'staff'),
  rule('Z0501', 'water_affairs', 'department'),
  rule('Z0502', 'economy_statistics', 'department'),
  rule('Z0504', 'ecology', 'staff'),
  rule('Z0505', 'education', 'department'),
  rule('Z0506', 'health', 'department'),
  rule('Z0507', 'civil_affairs', 'department'),
  rule('Z06', 'urban_management', 'staff'),
  rule('Z07', 'urban_management', 'staff'),
  rule('Z08', 'market_regulation', 'staff'),
  // Emergencies.
  rule('Z09', 'emergency', 'department'),
  rule('Z0902', 'water_affairs', 'department', 'emergency'),
  rule('Z0903', 'transport', 'department', 'housing_construction', 'emergency'),
  rule('Z0904', 'housing_construction', 'department', 'water_affairs', 'emergency'),
  rule('Z0905', 'emergency', 'department', 'public_security', 'health'),
  rule('Z0907', 'housing_construction', 'department', 'emergency'),
  rule('Z0908', 'public_security', 'department', 'emergency'),
  rule('Z0909', 'economy_statistics', 'department'),
  rule('Z0910', 'health', 'department'),
  rule('Z10', 'civil_affairs', 'staff'),
  rule('Z1001', 'public_security', 'staff'),
  rule('Z1002', 'housing_construction', 'staff'),
  rule('Z1003', 'market_regulation', 'staff'),
];

const byCategory = new Map(responsibilityRules.map((each) => [each.category, each]));

/** The rule of a category, or of the longest beginning of it that has one. */
export function ruleOf(category: string): ResponsibilityRule | null {
  for (let length = category.length; length > 0; length--) {
    const found = byCategory.get(category.slice(0, length));
    if (found !== undefined) return found;
  }
  return null;
}

/** Names by which owners of city components are told, and the department each belongs to; the first that is found counts. */
export const ownerNames: readonly (readonly [part: string, department: string])[] = [
  ['水利', 'housing_construction'],
  ['住房', 'housing_construction'],
  ['水务', 'water_affairs'],
  ['公安', 'public_security'],
  ['交通运输', 'transport'],
  ['城市管理', 'urban_management'],
  ['生态环境', 'ecology'],
  ['市场监督', 'market_regulation'],
  ['自然资源', 'natural_resources'],
  ['应急', 'emergency'],
  ['卫生健康', 'health'],
  ['教育', 'education'],
  ['农业农村', 'agriculture'],
  ['民政', 'civil_affairs'],
];

/** The department that an owner's name leads to, or null. */
export function departmentOfOwner(name: string): string | null {
  return ownerNames.find(([part]) => name.includes(part))?.[1] ?? null;
}
