/** Names that addresses of the district begin with. */
export interface Gazetteer {
  /** 祖庙街道 -> 440604012000 */
  towns: ReadonlyMap<string, string>;
  /** 文南社区, 罗南村 -> code. Names that two communities share are left out. */
  communities: ReadonlyMap<string, string>;
  roads: ReadonlySet<string>;
}

export const EMPTY_GAZETTEER: Gazetteer = { towns: new Map(), communities: new Map(), roads: new Set() };

/** From the codes and names of the boundary layers, with the forms people use: 石湾镇街道 is also 石湾街道 and 石湾镇. */
export function makeGazetteer(
  towns: readonly { code: string; name: string }[],
  communities: readonly { code: string; name: string }[],
  roads: Iterable<string> = [],
): Gazetteer {
  const townNames = new Map<string, string>();
  for (const { code, name } of towns) {
    const stem = name.replace(/(镇?街道|街道办事处|镇|乡)$/u, '');
    for (const ending of ['街道办事处', '镇街道', '街道办', '街道', '街办', '镇']) townNames.set(stem + ending, code);
    townNames.set(name, code);
  }
  const communityNames = new Map<string, string | null>();
  const put = (name: string, code: string): void => {
    const known = communityNames.get(name);
    communityNames.set(name, known === undefined || known === code ? code : null);
  };
  for (const { code, name } of communities) {
    const stem = name.replace(/(社区|村|居委会|村委会|居民委员会|村民委员会)+$/u, '');
    const isVillage = /村/u.test(name.slice(stem.length));
    const endings = isVillage ? ['村', '村委会', '村民委员会'] : ['社区', '社区居委会', '居委会', '社区居民委员会'];
    for (const ending of endings) put(stem + ending, code);
    put(name, code);
  }
  return {
    towns: townNames,
    communities: new Map([...communityNames].flatMap(([name, code]) => (code === null ? [] : [[name, code] as const]))),
    roads: new Set(roads),
  };
}
