/** How an incident of another city is filed here: code of the category and level (1 red … 4 blue, 0 ordinary). */
export interface Filing {
  category: string;
  severity: number;
}

/** The first rule whose words occur in the text wins. Words of foreign systems, codes of ours. */
const RULES: readonly (readonly [RegExp, string, number])[] = [
  [/HOMICIDE|DRIVE BY|GUN|WEAPON|SHOOTING/, 'Z03', 2],
  [/BURNING|FIRE/, 'Z0901', 2],
  [/COLLISION|ACCIDENT/, 'Z0905', 3],
  [/CASUALT|PERSON DOWN|INJURY/, 'Z0905', 2],
  [/ROBBERY|ASSAULT/, 'Z03', 3],
  [/MENTAL|BEHAVIORAL|CRISIS/, 'Z0403', 4],
  [/FRAUD/, 'Z0302', 0],
  [/NARCOTIC|VICE|PROSTITUTION|LIQUOR|LEWD/, 'Z0303', 0],
  [/THEFT|BURGLAR|PROWL|SHOPLIFT|AUTO RECOVER|PROPERTY|BIKE/, 'Z0301', 0],
  [/SUSPICIOUS|TRESPASS/, 'Z0305', 0],
  [/GATHERING/, 'Z0908', 4],
  [/NOISE/, '06028', 0],
  [/PARKING/, '09009', 0],
  [/TRAFFIC|ROAD/, 'Z0208', 0],
  [/DEAD ANIMAL/, '06037', 0],
  [/ANIMAL IN A PARK|PARKS? EXCLUSION/, '06047', 0],
  [/PET SHOP|ANIMAL SOLD|FACILITY - NO PERMIT/, 'Z08', 0],
  [/ANIMAL/, '06038', 0],
  [/TREES? DOWN/, '04002', 4],
  [/PUBLIC WATER/, 'Z0904', 3],
  [/HARBOR/, 'Z0209', 4],
  [/HAZARD/, 'Z02', 4],
  [/LOST|MISSING/, 'Z04', 4],
  [/DISTURBANCE|THREAT|HARASS|NUISANCE|MISCHIEF|MISDEMEANOR|ARREST|OFFEN[CS]E/, 'Z03', 0],
];
/** Appeals of all kinds: where a text no rule knows is filed. */
const OTHER: Filing = { category: 'Z05', severity: 0 };

/** Files a category text of another system, or takes a code of ours as it is. `known` is false when nothing fits. */
export function fileUnder(text: string): Filing & { known: boolean } {
  if (/^(\d{5}|Z\d{2}(\d{2})?)$/.test(text)) return { category: text, severity: 0, known: true };
  const upper = text.toUpperCase();
  const rule = RULES.find(([words]) => words.test(upper));
  return rule ? { category: rule[1], severity: rule[2], known: true } : { ...OTHER, known: false };
}
