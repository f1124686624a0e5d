import type { Building } from './buildings.ts';
import type { Context } from './context.ts';
import { estateName } from './names.ts';
import { toDegrees } from './plane.ts';
import type { Random } from './random.ts';

/** An address as somebody writes it, and what it stands for. */
export interface AddressVariant {
  text: string;
  /** Parts a reader should find, by the names of the parser; parts that the variant leaves out are absent. */
  expected: Record<string, string>;
  /** Where the meant place is, WGS 84 degrees. */
  at: readonly [number, number];
  /** Code of the building that is meant. */
  building: string;
  /** What was done to it. */
  how: string;
}

/** A true address of the district in its parts. */
export interface KnownAddress {
  town: string;
  community: string;
  road: string;
  plate: number;
  estate: string | null;
  building: number | null;
  unit: number | null;
  floor: number;
  place: number;
  at: readonly [number, number];
  /** Code of the building. */
  code: string;
}

const CHINESE = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/** 15 is 十五, 23 is 二十三; up to 99. */
export function chineseNumber(n: number): string {
  if (n < 10) return CHINESE[n] as string;
  const tens = Math.floor(n / 10);
  return `${tens === 1 ? '' : CHINESE[tens]}十${n % 10 === 0 ? '' : CHINESE[n % 10]}`;
}

function fullWidth(text: string): string {
  return text.replaceAll(/[0-9A-Z]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));
}

/** Ways in which clerks write an address, each with what a reader should make of it. */
export function addressVariants(known: KnownAddress, random: Random): AddressVariant[] {
  const { town, community, road, plate, estate, building, unit, floor, place, at, code } = known;
  const room = `${floor}${String(place).padStart(2, '0')}`;
  const base: Record<string, string> = { road, plate: String(plate) };
  const inside: Record<string, string> = {
    ...(estate === null ? {} : { estate }),
    ...(building === null ? {} : { building: String(building) }),
    ...(unit === null ? {} : { unit: String(unit) }),
    floor: String(floor),
    room,
  };
  const block = random.pick(['座', '栋', '幢']);
  const door = random.pick(['房', '室']);
  const insideText = (number: (n: number) => string, ending: string): string =>
    `${estate ?? ''}${building === null ? '' : number(building) + block}${unit === null ? '' : `${number(unit)}梯`}${room}${ending}`;
  const plain = insideText(String, door);
  const head = `广东省佛山市禅城区${town}`;
  const all = { town, ...base, ...inside };
  const variants: Omit<AddressVariant, 'building'>[] = [
    { how: 'complete', text: `${head}${road}${plate}号${plain}`, expected: all, at },
    {
      how: 'with community',
      text: `${head}${community}${road}${plate}号${plain}`,
      expected: { ...all, community },
      at,
    },
    { how: 'no province', text: `佛山市禅城区${town}${road}${plate}号${plain}`, expected: all, at },
    { how: 'road only', text: `${road}${plate}号${plain}`, expected: { ...base, ...inside }, at },
    { how: 'full width', text: fullWidth(`禅城区${town}${road}${plate}号${plain}`), expected: all, at },
    {
      how: 'Chinese numerals',
      text: `禅城区${town}${road}${plate < 100 ? chineseNumber(plate) : plate}号${insideText(chineseNumber, door)}`,
      expected: all,
      at,
    },
    { how: 'blanks', text: `佛山市 禅城区 ${town} ${road} ${plate} 号 ${plain}`, expected: all, at },
    { how: 'remark', text: `禅城区${town}${road}${plate}号${plain}（近公交站）`, expected: all, at },
    { how: 'bare room', text: `禅城区${town}${road}${plate}号${insideText(String, '')}`, expected: all, at },
    {
      how: 'sub-number',
      text: `禅城区${town}${road}${plate}号之一${plain}`,
      expected: { ...all, plate: `${plate}之1` },
      at,
    },
    {
      how: 'attached number',
      text: `禅城区${town}${road}${plate}号附2号`,
      expected: { town, road, plate: `${plate}之2` },
      at,
    },
    { how: 'ground floor', text: `禅城区${town}${road}${plate}号首层`, expected: { town, ...base, floor: '1' }, at },
    {
      how: 'floor in words',
      text: `${town}${road}${plate}号${chineseNumber(floor)}楼`,
      expected: { town, ...base, floor: String(floor) },
      at,
    },
    {
      how: 'town without 街道',
      text: `禅城区${town.replace(/镇?街道$/u, '街道')}${road}${plate}号`,
      expected: base,
      at,
    },
    { how: 'plate only', text: `${head}${road}${plate}号`, expected: { town, ...base }, at },
  ];
  return variants.map((variant) => ({ ...variant, building: code }));
}

/** The true address of a building's room, with an estate and a block number for some. */
export function knownAddress(context: Context, building: Building, random: Random): KnownAddress | null {
  const block = context.blockOf(building);
  const town = context.district.towns[block.town]?.name ?? '';
  const text = context.addressOf(building).slice(`广东省佛山市禅城区${town}`.length);
  const [, road, plate] = /^(.*?)(\d+)号$/u.exec(text) ?? [];
  const community = context.district.communities[block.community]?.name;
  // 罗南村基围: the name of the community is part of it.
  if (road === undefined || plate === undefined || community === undefined || road.startsWith(community)) return null;
  const hasEstate = random.chance(0.4);
  return {
    town,
    community,
    road,
    plate: Number(plate),
    estate: hasEstate ? estateName(random) : null,
    building: hasEstate || random.chance(0.2) ? random.int(1, 28) : null,
    unit: random.chance(0.25) ? random.int(1, 4) : null,
    floor: random.int(1, 30),
    place: random.int(1, 12),
    at: toDegrees(building.at),
    code: building.code,
  };
}
