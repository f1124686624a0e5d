/** How far apart, and how long after one another, two reports of one kind can be about the same thing. */
export interface Reach {
  metres: number;
  hours: number;
}

/** Categories that people take for one another when they report the same thing, and their reach. */
export interface Family extends Reach {
  codes: readonly string[];
}

/**
 * Proposals of this project, to be adapted by each city. A category is in one family at most; those of one family are
 * near kinds. What spreads (water, smoke, gas, noise, a power cut) reaches farther than what stands at one spot; what is
 * dealt with in an hour is not the same thing tomorrow.
 */
export const families: readonly Family[] = [
  // Rubbish: exposed, accumulated, dumped, around a full bin.
  { codes: ['06010', '06011', '06035', '06036', '06042', '03005', '08005', 'Z06'], metres: 48, hours: 24 },
  { codes: ['06012', '06014', '08012'], metres: 90, hours: 8 },
  // Water on the road: seen as flood, as a drain that does not swallow, or as one without its grate.
  { codes: ['Z0902', '01003', '01004', '01067', '01072'], metres: 120, hours: 6 },
  { codes: ['Z0904', '01001', '01024', '01025'], metres: 120, hours: 6 },
  // Nobody sees whose manhole it is.
  {
    codes: '01002 01005 01006 01007 01008 01009 01010 01012 01014 01015 01017 01018 01019 01020 01022 01023'.split(' '),
    metres: 38,
    hours: 72,
  },
  { codes: ['06013', 'Z0903', '06050', '06051', '02043'], metres: 46, hours: 72 },
  { codes: ['Z0901', '06020'], metres: 160, hours: 2 },
  { codes: ['Z0907', '01011', '01049', '01057'], metres: 200, hours: 3 },
  { codes: ['Z0905', '02017', '02018'], metres: 120, hours: 2 },
  { codes: ['Z0909', '01028', '01048', '10002'], metres: 250, hours: 4 },
  { codes: ['Z0908', '06047'], metres: 150, hours: 2 },
  { codes: ['06028', '08001'], metres: 90, hours: 6 },
  { codes: ['06027', '06029', '09015'], metres: 80, hours: 6 },
  { codes: ['08004', '08008', '08011', '08014'], metres: 150, hours: 10 },
  { codes: ['08002', '08003', '08006', '08007'], metres: 80, hours: 24 },
  { codes: ['09001', '09002', '09005', '09006', '09022'], metres: 52, hours: 4 },
  { codes: ['09009', '09012', '09019'], metres: 40, hours: 3 },
  { codes: ['09010', '09011', '02025'], metres: 52, hours: 8 },
  { codes: ['07001', '07003', '07006', '07007', '03006', '03007'], metres: 40, hours: 72 },
  { codes: ['06024', '06025', '06026', '06030', '06015'], metres: 130, hours: 24 },
  { codes: ['01037', '01060', '01038', '01039'], metres: 50, hours: 72 },
  { codes: ['04002', '04003', '04004', '04011', '06021'], metres: 42, hours: 48 },
  { codes: ['02010', '02014', '02015', '06016'], metres: 60, hours: 24 },
  { codes: ['06001', '08016', 'Z07'], metres: 50, hours: 168 },
];

/** Reach of a category that is in no family, by how its code begins; the first that fits. */
const others: readonly (readonly [string, Reach])[] = [
  // People under care and records: one person's door.
  ['Z04', { metres: 20, hours: 24 }],
  ['Z10', { metres: 15, hours: 72 }],
  ['Z09', { metres: 150, hours: 3 }],
  ['Z', { metres: 40, hours: 24 }],
  // Things that stand where they stand.
  ['0', { metres: 45, hours: 48 }],
  ['', { metres: 60, hours: 24 }],
];

const familyOf = new Map(families.flatMap((family) => family.codes.map((code) => [code, family] as const)));

/** Reach of a category, with the codes it is compared with, itself included. */
export function kindOf(code: string): Family {
  const family = familyOf.get(code);
  if (family) return family;
  const reach = others.find(([start]) => code.startsWith(start))?.[1] ?? { metres: 50, hours: 24 };
  return { codes: [code], ...reach };
}
