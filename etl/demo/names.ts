import { type Random, weightedPicker } from './random.ts';

/** Surnames common in the Pearl River delta, with rough weights; compound and rare ones at the end. */
const SURNAMES: readonly (readonly [string, number])[] = [
  ['陈', 100],
  ['梁', 82],
  ['黄', 80],
  ['李', 76],
  ['何', 60],
  ['罗', 44],
  ['霍', 30],
  ['区', 18],
  ['招', 9],
  ['冼', 12],
  ['张', 50],
  ['刘', 44],
  ['吴', 42],
  ['林', 42],
  ['杨', 36],
  ['王', 36],
  ['谢', 30],
  ['邓', 30],
  ['周', 28],
  ['潘', 26],
  ['麦', 20],
  ['关', 20],
  ['简', 16],
  ['庞', 14],
  ['卢', 20],
  ['叶', 18],
  ['郭', 18],
  ['曾', 18],
  ['苏', 16],
  ['谭', 20],
  ['莫', 12],
  ['孔', 12],
  ['邝', 8],
  ['伦', 6],
  ['布', 4],
  ['劳', 6],
  ['岑', 8],
  ['植', 3],
  ['龙', 8],
  ['朱', 12],
  ['徐', 12],
  ['孙', 8],
  ['胡', 12],
  ['赵', 10],
  ['高', 8],
  ['马', 8],
  ['冯', 16],
  ['余', 12],
  ['蔡', 10],
  ['黎', 24],
  ['钟', 16],
  ['范', 8],
  ['欧阳', 8],
  ['司徒', 3],
  ['上官', 1],
  ['诸葛', 1],
  ['令狐', 0.6],
  ['㘵', 0.2],
  ['禤', 1],
  ['佘', 2],
  ['麥', 0.3],
];
const MALE =
  '伟强志明建国华军俊杰文辉永康家豪浩然子轩宇航嘉诚锦荣炳坤耀祖德成树桐泽霖景行启航思远铭熙柏林绍棠润生添福国栋兆基';
const FEMALE =
  '丽芳婷玉珍秀英雅静晓燕美玲惠贞淑仪诗涵梓晴欣怡嘉敏倩雯咏琳佩珊凤娟桂兰碧云少芬洁莹若曦思琪语桐艳红彩霞慧敏';
const RARE = ['𠮷', '㘵', '䶮', '堃', '喆', '犇', '淼', '龑', '燊', '珺', '玥', '𬭎', '翀', '赟'];

const pickSurname = weightedPicker(SURNAMES.map(([, weight]) => weight));
const male = [...MALE];
const female = [...FEMALE];

export function drawSurname(random: Random): string {
  return (SURNAMES[pickSurname(random)] as readonly [string, number])[0];
}

/** A given name of one or two characters; about one in three hundred has a rare character. */
export function drawGivenName(isMale: boolean, random: Random): string {
  const list = isMale ? male : female;
  const first = random.chance(0.0035) ? random.pick(RARE) : random.pick(list);
  return random.chance(0.14) ? first : first + random.pick(list);
}

export function drawName(isMale: boolean, random: Random): string {
  return drawSurname(random) + drawGivenName(isMale, random);
}

const HOUSES = [
  '花园',
  '豪庭',
  '名苑',
  '华府',
  '雅居',
  '新村',
  '大厦',
  '轩',
  '湾',
  '城',
  '公馆',
  '家园',
  '雅苑',
  '豪园',
  '里',
];
const WISHES =
  '锦绣嘉和怡景翠湖金澜御江南桂雅福泰康宁华凤鸿瑞海富盈丰汇德信银丽岭季东朗晴云山水明悦荟星恒保利绿依泷玫瑰文汾石湾魁奇';
const wishes = [...WISHES];

/** Name of a housing estate, e.g. 金澜花园. */
export function estateName(random: Random): string {
  return random.pick(wishes) + random.pick(wishes) + random.pick(HOUSES);
}

/** Brand of a company: two or three fortunate characters. */
export function brandName(random: Random): string {
  const characters =
    '鑫盛达宏泰华粤佛禅顺昌隆兴旺丰源恒瑞嘉美雅新东方南海金银宝龙凤腾飞万家乐百利信诚德润康健联合创科智云讯捷通广域天地海纳陶艺彩虹星辰'.match(
      /./gu,
    ) ?? ['华'];
  return random.pick(characters) + random.pick(characters) + (random.chance(0.35) ? random.pick(characters) : '');
}
