import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { bendPoint } from '../land.ts';
import { estateName } from '../names.ts';
import { dayText } from '../people.ts';
import { createRandom } from '../random.ts';
import { type Theme, listed } from './delivery.ts';
import { siteNear, stemOf } from './sites.ts';

function kindergartens(context: Context): Row[] {
  const random = createRandom(context.seed, 'kindergartens');
  return siteNear(
    context,
    168,
    (block) => ['estate', 'village', 'mixed', 'old_town'].includes(block.use) && block.area > 2500,
    random,
  ).map(({ at, block }, i) => {
    const draw = random.next();
    const kind = draw < 0.45 ? 'public' : draw < 0.82 ? 'subsidised' : 'private';
    const classes = random.int(6, 18);
    const seats = classes * 30;
    const own = block.use === 'estate' ? estateName(random).slice(0, 2) : stemOf(context, block);
    return row(
      {
        school_code: `1144${pad(60_400 + i + 1, 6)}`,
        name: `佛山市禅城区${own}${kind === 'public' ? random.pick(['幼儿园', '中心幼儿园', '机关幼儿园']) : '幼儿园'}`,
        kind,
        classes,
        seats,
        // Fewer are born every year: few kindergartens are full.
        students: Math.round(seats * random.between(0.55, 0.98)),
      },
      pointShape(at),
    );
  });
}

/** Secondary schools: the known ones where they are, the others spread over the homes. */
export function secondarySchools(context: Context): Row[] {
  const random = createRandom(context.seed, 'secondary schools');
  const known = context.district.land.geography.places.filter((p) => p.kind === 'school' && p.name.endsWith('中学'));
  const sites = siteNear(
    context,
    46 - known.length,
    (block) => ['public', 'estate', 'village', 'mixed'].includes(block.use) && block.area > 9000,
    random,
  );
  return [
    ...known.map(({ name, at }) => ({
      name,
      at: bendPoint(at),
      stage: name.endsWith('第一中学') || name.endsWith('第三中学') ? 'senior' : 'complete',
      isPublic: true,
    })),
    ...sites.map(({ at, block }) => {
      const draw = random.next();
      return {
        at,
        name: `${stemOf(context, block)}${random.pick(['中学', '初级中学', '实验中学'])}`,
        stage: draw < 0.72 ? 'junior' : draw < 0.86 ? 'complete' : 'senior',
        isPublic: random.chance(0.8),
      };
    }),
  ].map(({ name, at, stage, isPublic }, i) => {
    const classes = stage === 'complete' ? random.int(36, 66) : random.int(24, 54);
    const seats = classes * 50;
    return row(
      {
        school_code: `3144${pad(60_400 + i + 1, 6)}`,
        name: name.startsWith('佛山') ? name : `佛山市禅城区${name}`,
        kind: isPublic ? 'public' : 'private',
        stage,
        classes,
        seats,
        students: Math.round(seats * random.between(0.82, 1.05)),
      },
      pointShape(at),
    );
  });
}

/** What firms of each industry train people in. */
const TRADES: Record<string, { subject: string; ending: string }[]> = {
  P8391: [
    { subject: 'vocational', ending: '职业培训学校' },
    { subject: 'academic', ending: '课外辅导中心' },
    { subject: 'science', ending: '少儿编程中心' },
  ],
  R8710: [
    { subject: 'art', ending: '艺术培训中心' },
    { subject: 'art', ending: '舞蹈培训中心' },
  ],
  R8930: [
    { subject: 'sport', ending: '体育培训中心' },
    { subject: 'sport', ending: '游泳培训馆' },
  ],
};

/** Firms of the training, culture and sport trades that hold a licence: code, place and brand are the firm's. */
function trainers(context: Context): Row[] {
  const random = createRandom(context.seed, 'training');
  const total = Math.round(1060 * context.scale);
  const rows: Row[] = [];
  for (const firm of context.enterprises()) {
    const kinds = TRADES[firm.industryCode];
    if (!kinds || rows.length >= total || !random.chance(0.75)) continue;
    const { subject, ending } = random.pick(kinds);
    const brand = firm.name.replace(/^佛山市(禅城区)?/, '').replace(/(职业培训学校|文化传播|健身)?有限公司$/, '');
    rows.push(
      row(
        {
          licence_no: `1440604${pad(70_000_000 + rows.length + 1, 8)}`,
          uscc: firm.uscc,
          name: `佛山市禅城区${brand}${ending}`,
          subject,
          // School subjects at a profit are forbidden: that is where the black list is longest.
          blacklist: random.chance(subject === 'academic' ? 0.12 : 0.02),
          licensed_to: dayText(20_758 + random.int(-90, 1000)),
        },
        pointShape(firm.at),
      ),
    );
  }
  return rows;
}

/** Kindergartens, secondary schools and private tuition. */
export const schools: Theme = {
  kindergarten: (context) => listed(kindergartens(context)),
  middle_school: (context) => listed(secondarySchools(context)),
  training_institution: (context) => listed(trainers(context)),
};
