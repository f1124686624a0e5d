import { EMPTY_GAZETTEER, type Gazetteer } from './gazetteer.ts';
import { normalText } from './normal-text.ts';

/** The parts of a Chinese address, from the largest to the smallest; absent ones are null. Numbers are Arabic. */
export interface AddressParts {
  province: string | null;
  city: string | null;
  district: string | null;
  town: string | null;
  /** 文南社区, 罗南村 */
  community: string | null;
  /** 汾江中路; a lane of a village with the hamlet before it: 东坊三巷 */
  road: string | null;
  /** Number of a lane off the road: 68 in 成功路294巷68弄 is the last. */
  lane: string | null;
  /** 12, 12之1, 34-3 */
  plate: string | null;
  /** 天湖郦都, 发展大厦 */
  estate: string | null;
  /** 3座, 2栋, 一座二幢: 3, 2, 1-2 */
  building: string | null;
  /** 2梯, 一单元 */
  unit: string | null;
  /** 15, -1; 首层 is 1 */
  floor: string | null;
  room: string | null;
}

export type AddressLevel =
  | 'room'
  | 'floor'
  | 'building'
  | 'plate'
  | 'estate'
  | 'road'
  | 'community'
  | 'town'
  | 'district'
  | 'none';

export interface ParsedAddress {
  raw: string;
  parts: AddressParts;
  /** Codes of town and community, where the gazetteer knows them. */
  townCode: string | null;
  communityCode: string | null;
  /** One spelling of the address: equal parts give equal texts. */
  normal: string;
  /** The smallest part that was found. */
  level: AddressLevel;
  /** What could not be read. */
  rest: string;
  /** 0..1: how much of the text was understood, and whether the parts needed to find a place are there. */
  confidence: number;
}

const HAN = '\\u4e00-\\u9fa5';
const PROVINCE = new RegExp(`^(?:中国)?([${HAN}]{2,3}省|[${HAN}]{2,5}自治区|广东)`, 'u');
const CITY = new RegExp(`^((?:(?![街区镇社])[${HAN}]){2,4}?市|佛山(?!大道|一环|水道))`, 'u');
const COUNTY = new RegExp(`^([${HAN}]{1,4}?[区县]|(?:禅城|南海|顺德|三水|高明)(?!大道|路|街))`, 'u');
const TOWN = new RegExp(`^([${HAN}]{2,4}?(?:镇?街道(?:办事处)?|镇|乡))`, 'u');
const COMMUNITY = new RegExp(
  `^([${HAN}]{2,6}?(?:社区|村委会|居委会|村(?!路|街|大道|[${HAN}]{0,4}(?:路|巷)))|[${HAN}]{1,4}里(?=\\d*邻|[${HAN}]{2,8}[路街]))(?:居委会)?`,
  'u',
);
const NEIGHBOURHOOD = /^\d+邻/u;
/** The shortest text that ends like a road; a digit is part of it only as 一环, 二路 and the like. */
const ROAD = new RegExp(
  `^((?:[${HAN}A-Z]{1,12}?(?:大道|公路|国道|路|街|巷|里|坊|道)|[${HAN}]{0,8}?基围))(?!口|边|旁|上)`,
  'u',
);
/** What may follow a road's name: 汾江路南, 工业大道南. */
const ROAD_SIDE = /^([东西南北中](?=\d|号|段))/u;
const SECTION = /^(\d+)段/u;
const LANE = /^(\d+)(?:巷|弄)/u;
const HAMLET_LANE = new RegExp(`^([${HAN}]{0,6}?坊[${HAN}]{0,4}?\\d{0,2}巷)`, 'u');
const PLATE = /^(?:NO)?(\d+)(?:-(\d+))?号(?!楼|房|铺|门|商铺)(?:[之附-](\d+)号?\/?)?/u;
const PLATE_BEFORE = /^(\d+)[之附](\d+)\/?号/u;
const BUILDING = /^(?:第)?([A-Z]?\d+|[A-Z](?=座|栋|幢|区))(?:座|栋|幢|号楼|#楼?|号大楼|区)/u;
const UNIT = /^(\d+|[甲乙丙丁东西南北A-Z])(?:梯|单元|门)(?!市)/u;
const FLOOR = /^(?:(?:第)?(-?\d+)(?:-\d+)?(?:层|楼|F(?![A-Z]))|(首|负\d|负[一二三]|夹|地下|B\d)层?)(?:之(\d+))?/u;
const ROOM = /^(?:第)?([A-Z]{0,2}-?\d{1,5}[A-Z]?(?:-\d+[A-Z]?)?)(?:房|室|号房|号铺|号商铺|号单元|铺位|铺|单元|号)?/u;
const ESTATE = new RegExp(
  `^([${HAN}A-Z0-9]{2,24}?(?:花园|小区|大厦|广场|公寓|新村|新城|大楼|工业园|产业园|科技园|园区|工业区|市场|商场|商城|城市|中心|酒店|会所|豪庭|雅苑|名苑|华庭|家园|宿舍|苑|庭|居|轩|阁|府|院|厂|城|园|郡|都|湾|馆|里|楼))(?:[一二三四五六七八九\\d]+期)?(?=$|第|[A-Z]?\\d|[A-Z](?:座|栋|幢|区|梯|单元)|[东西南北]|首|负|夹|地下)`,
  'u',
);

/** What of an address it takes to find its place. */
export type ReadAddress = Pick<ParsedAddress, 'parts' | 'townCode' | 'communityCode' | 'level' | 'rest' | 'confidence'>;

/** Reads an address. Never fails: what is not understood is in `rest`, and the confidence says how much to trust the parts. */
export function parseAddress(raw: string, gazetteer: Gazetteer = EMPTY_GAZETTEER): ParsedAddress {
  const read = readAddress(raw, gazetteer);
  return { raw, normal: normalForm(read.parts), ...read };
}

/** The same without the one spelling. */
export function readAddress(raw: string, gazetteer: Gazetteer): ReadAddress {
  return new Reader(raw, gazetteer).read();
}

/** What stands before the number of a plate, and what it is read as. */
type Front = Pick<AddressParts, 'province' | 'city' | 'district' | 'town' | 'community' | 'road'> &
  Pick<ParsedAddress, 'townCode' | 'communityCode'>;
/** What stands behind it. */
type Inside = Pick<AddressParts, 'estate' | 'building' | 'unit' | 'floor' | 'room'> & { rest: string };

/** Fronts and insides remembered at most. */
const REMEMBERED = 20_000;

/**
 * By the text before the number of a plate: a district has some thousand roads, and the rows of a register are of the same ones again
 * and again. Null where it depends on the number: some name has a number of its own there (a road called 5号路).
 */
const fronts = new WeakMap<Gazetteer, Map<string, Front> | null>();
/** By the text behind the plate: what is read of it depends on nothing before. */
const insides = new Map<string, Inside>();

function frontsOf(gazetteer: Gazetteer): Map<string, Front> | null {
  const known = fronts.get(gazetteer);
  if (known !== undefined) return known;
  const names = [gazetteer.towns.keys(), gazetteer.communities.keys(), gazetteer.roads];
  const isNumbered = names.some((some) => [...some].some((name) => NUMBERED.test(name)));
  const made = isNumbered ? null : new Map<string, Front>();
  fronts.set(gazetteer, made);
  return made;
}

/** A name that may end, or go on, where the number of a plate does. */
const NUMBERED = /^\D*\d+(?:号|$)/u;
/** The number of the plate, and nothing before it that has a number. */
const FIRST_NUMBER = /^(\D+)\d+号/u;

class Reader {
  private readonly gazetteer: Gazetteer;
  private readonly length: number;
  private left: string;
  private skipped = '';
  private townCode: string | null = null;
  private communityCode: string | null = null;
  private readonly parts: AddressParts = {
    province: null,
    city: null,
    district: null,
    town: null,
    community: null,
    road: null,
    lane: null,
    plate: null,
    estate: null,
    building: null,
    unit: null,
    floor: null,
    room: null,
  };

  constructor(raw: string, gazetteer: Gazetteer) {
    this.gazetteer = gazetteer;
    this.left = normalText(raw);
    this.length = this.left.length;
  }

  read(): ReadAddress {
    this.readFront();
    this.readPlate();
    const rest = this.left === '' ? '' : this.readKnownInside();
    const { parts } = this;
    const level = levelOf(parts);
    return {
      parts,
      townCode: this.townCode,
      communityCode: this.communityCode,
      level,
      rest,
      confidence: this.confidence(rest, level),
    };
  }

  /** Divisions and road, from memory where they were read before in front of another number. */
  private readFront(): void {
    const { parts, gazetteer } = this;
    const known = frontsOf(gazetteer);
    const text = known === null ? undefined : FIRST_NUMBER.exec(this.left)?.[1];
    const front = text === undefined ? undefined : known?.get(text);
    if (front && text !== undefined) {
      parts.province = front.province;
      parts.city = front.city;
      parts.district = front.district;
      parts.town = front.town;
      parts.community = front.community;
      parts.road = front.road;
      this.townCode = front.townCode;
      this.communityCode = front.communityCode;
      this.left = this.left.slice(text.length);
      return;
    }
    this.readDivisions();
    this.readRoad();
    // Only what was read to its end is the same before any other number.
    if (known === null || text === undefined || this.length - this.left.length !== text.length) return;
    const { province, city, district, town, community, road } = parts;
    if (known.size >= REMEMBERED) known.clear();
    const { townCode, communityCode } = this;
    known.set(text, { province, city, district, town, community, road, townCode, communityCode });
  }

  /** @returns what could not be read */
  private readKnownInside(): string {
    const { parts, left } = this;
    let inside = insides.get(left);
    if (inside === undefined) {
      this.readInside();
      const { estate, building, unit, floor, room } = parts;
      inside = { estate, building, unit, floor, room, rest: this.skipped + this.left };
      if (insides.size >= REMEMBERED) insides.clear();
      insides.set(left, inside);
    } else {
      parts.estate = inside.estate;
      parts.building = inside.building;
      parts.unit = inside.unit;
      parts.floor = inside.floor;
      parts.room = inside.room;
    }
    return inside.rest;
  }

  private readDivisions(): void {
    const { parts } = this;
    parts.province = this.take(PROVINCE);
    // 佛山市顺德区佛山市顺德区北滘镇: some write them twice.
    for (let round = 0; round < 2; round += 1) {
      parts.city = this.take(CITY) ?? parts.city;
      parts.district = this.take(COUNTY) ?? parts.district;
      this.left = this.left.replace(/^-/u, '');
    }
    const known = this.takeKnown(this.gazetteer.towns);
    if (known) {
      parts.town = known.name;
      this.townCode = known.code;
    } else parts.town = this.take(TOWN);
    const community = this.takeKnown(this.gazetteer.communities);
    if (community) {
      parts.community = community.name;
      this.communityCode = community.code;
    } else parts.community = this.take(COMMUNITY);
    if (NEIGHBOURHOOD.test(this.left)) this.left = this.left.replace(NEIGHBOURHOOD, '');
  }

  private readRoad(): void {
    const { parts } = this;
    const road = this.takeKnownRoad() ?? this.take(HAMLET_LANE) ?? this.take(ROAD);
    if (road !== null) {
      const side = this.take(ROAD_SIDE) ?? '';
      const section = this.take(SECTION);
      parts.road = `${road}${side}${section === null ? '' : `${section}段`}`;
    }
  }

  private readPlate(): void {
    const { parts } = this;
    for (let lane = this.take(LANE); lane !== null; lane = this.take(LANE)) {
      parts.lane = parts.lane === null ? lane : `${parts.lane}-${lane}`;
    }
    const before = PLATE_BEFORE.exec(this.left);
    const plate = before ?? PLATE.exec(this.left);
    if (!plate) return;
    this.left = this.left.slice(plate[0].length);
    const [, number, dash, sub] = plate as unknown as [string, string, string | undefined, string | undefined];
    if (before) parts.plate = `${number}之${dash}`;
    else parts.plate = sub === undefined ? (dash === undefined ? number : `${number}-${dash}`) : `${number}之${sub}`;
  }

  /** The longest road of the gazetteer that the text begins with. */
  private takeKnownRoad(): string | null {
    for (let length = Math.min(12, this.left.length); length > 1; length -= 1) {
      const name = this.left.slice(0, length);
      if (!this.gazetteer.roads.has(name)) continue;
      this.left = this.left.slice(length);
      return name;
    }
    return null;
  }

  private readInside(): void {
    const { parts } = this;
    for (let guard = 0; this.left !== '' && guard < 12; guard += 1) {
      const building = this.take(BUILDING);
      if (building !== null) {
        parts.building = parts.building === null ? building : `${parts.building}-${building}`;
        continue;
      }
      const unit = parts.unit === null ? this.take(UNIT) : null;
      if (unit !== null) {
        parts.unit = unit;
        continue;
      }
      if (this.readFloor()) continue;
      if (parts.estate === null && parts.floor === null && parts.room === null) {
        const estate = this.take(ESTATE);
        if (estate !== null) {
          parts.estate = estate;
          continue;
        }
      }
      const room = parts.room === null ? this.take(ROOM) : null;
      if (room !== null) {
        parts.room = room;
        continue;
      }
      // Something nobody has a word for: go on behind it.
      const next = /[A-Z]?\d|[A-Z](?=座|栋|幢)|首层|负/u.exec(this.left.slice(1));
      const cut = next ? next.index + 1 : this.left.length;
      this.skipped += this.left.slice(0, cut);
      this.left = this.left.slice(cut);
    }
    // 1504房 is on floor 15, 304 on 3.
    const floor = /^(\d{1,2})\d{2}$/u.exec(parts.room ?? '')?.[1];
    if (parts.floor === null && floor !== undefined) parts.floor = floor;
  }

  private readFloor(): boolean {
    const match = FLOOR.exec(this.left);
    if (!match || this.parts.floor !== null) return false;
    this.left = this.left.slice(match[0].length).replace(/^\/\d+(?:F|楼|层)/u, '');
    const [, number, named, sub] = match;
    this.parts.floor = number ?? namedFloor(named ?? '');
    if (sub !== undefined) this.parts.room ??= `之${sub}`;
    return true;
  }

  private confidence(rest: string, level: AddressLevel): number {
    const { parts } = this;
    if (level === 'none') return 0;
    const understood = this.length === 0 ? 0 : 1 - rest.length / this.length;
    let score = 0.55 + 0.45 * understood;
    // A plate without a road, a building without anything it could belong to.
    if (parts.plate !== null && parts.road === null && parts.estate === null && parts.community === null) score -= 0.4;
    const isInside = parts.building !== null || parts.floor !== null || parts.room !== null;
    if (isInside && parts.plate === null && parts.estate === null) score -= 0.25;
    if (parts.road === null && parts.estate === null) score -= 0.2;
    if (parts.district === null && parts.town === null && parts.community === null) score -= 0.1;
    return Math.max(0.05, Math.round(score * 100) / 100);
  }

  private take(pattern: RegExp): string | null {
    const match = pattern.exec(this.left);
    if (!match) return null;
    this.left = this.left.slice(match[0].length);
    return match[1] ?? match[0];
  }

  /** The longest known name the text begins with. */
  private takeKnown(names: ReadonlyMap<string, string>): { name: string; code: string } | null {
    for (let length = Math.min(14, this.left.length); length > 1; length -= 1) {
      const name = this.left.slice(0, length);
      const code = names.get(name);
      if (code === undefined) continue;
      this.left = this.left.slice(length);
      return { name, code };
    }
    return null;
  }
}

function namedFloor(name: string): string {
  if (name === '首') return '1';
  if (name === '夹') return '1.5';
  if (name === '地下') return '-1';
  const digit = /[\d一二三]/u.exec(name)?.[0] ?? '1';
  return `-${'一二三'.includes(digit) ? '一二三'.indexOf(digit) + 1 : digit}`;
}

function levelOf(parts: AddressParts): AddressLevel {
  if (parts.room !== null) return 'room';
  if (parts.floor !== null) return 'floor';
  if (parts.building !== null) return 'building';
  if (parts.plate !== null) return 'plate';
  if (parts.estate !== null) return 'estate';
  if (parts.road !== null) return 'road';
  if (parts.community !== null) return 'community';
  if (parts.town !== null) return 'town';
  return parts.district !== null || parts.city !== null ? 'district' : 'none';
}

function put(text: string | null, ending = ''): string {
  return text === null ? '' : text + ending;
}

function normalForm(parts: AddressParts): string {
  return [
    put(parts.province),
    put(parts.city),
    put(parts.district),
    put(parts.town),
    put(parts.community),
    put(parts.road),
    put(parts.lane, '巷'),
    put(parts.plate, '号'),
    put(parts.estate),
    put(parts.building, '座'),
    put(parts.unit, '梯'),
    parts.room === null ? put(parts.floor, '层') : '',
    put(parts.room, '房'),
  ].join('');
}
