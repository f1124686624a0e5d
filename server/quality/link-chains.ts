import type { Chain, Hop } from '../../layers/chains.ts';
import type { Layer, Text } from '../../layers/define.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import type { LinkChains } from '../contract/quality.ts';
import type { Sql } from '../db/connect.ts';
import { type ChainCounts, countChain, type Miss } from '../queries/link-chain.ts';

const REASONS: Record<Miss, Text> = {
  empty: { zh: '未填写', en: 'nothing stated' },
  dead: { zh: '无此对象', en: 'no such object' },
  rough: { zh: '地址仅到街路或村居', en: 'address found to the road or community only' },
  several: { zh: '地址对应不止一栋，或无建筑', en: 'address on several buildings, or on none' },
};

const UNKNOWN_ADDRESS: Text = { zh: '地址未识别', en: 'address not known' };
const ADDRESS: Text = { zh: '登记地址', en: 'Registered address' };

/** Answers how far rows come along chains of links. Counted once for each set of loads, and kept. */
export interface LinkChainReport {
  of: (chains: readonly Chain[], entries: readonly CatalogueEntry[]) => Promise<LinkChains>;
}

/** The layers a chain leads over, in order. */
export function layersOfChain({ from, hops }: Chain): string[] {
  return [from, ...hops.flatMap((hop) => ('to' in hop ? [hop.to] : []))];
}

export function createLinkChainReport(sql: Sql): LinkChainReport {
  const known = new Map<string, { loads: string; counts: Promise<ChainCounts> }>();

  async function countsOf(chain: Chain, loads: string, layers: ReadonlyMap<string, Layer>): Promise<ChainCounts> {
    const kept = known.get(chain.id);
    if (kept?.loads === loads) return kept.counts;
    const counts = countChain(sql, chain, layers);
    known.set(chain.id, { loads, counts });
    // What failed is asked for again.
    counts.catch(() => known.delete(chain.id));
    return counts;
  }

  return {
    async of(chains, entries) {
      const byId = new Map(entries.map((entry) => [entry.layer.id, entry]));
      const layers = new Map(entries.map(({ layer }) => [layer.id, layer]));
      const answers: LinkChains['chains'] = [];
      for (const chain of chains) {
        const ids = layersOfChain(chain);
        // One chain of which a layer is hidden is hidden.
        if (!ids.every((id) => byId.has(id))) continue;
        const base = { id: chain.id, title: chain.title, layer: chain.from };
        const missing = ids.filter((id) => byId.get(id)?.state === null);
        if (missing.length > 0) {
          answers.push({ ...base, loads: [], missing, counts: null });
          continue;
        }
        const loads = ids.map((id) => ({ layer: id, load: byId.get(id)?.state?.loadId ?? 0 }));
        // One after the other: the embedded engine has one connection, which others want too.
        const counts = await countsOf(chain, loads.map(({ load }) => load).join(), layers);
        answers.push({ ...base, loads, missing, counts: answerOf(chain, counts, layers) });
      }
      return { chains: answers };
    },
  };
}

function answerOf(
  { from, hops }: Chain,
  counts: ChainCounts,
  layers: ReadonlyMap<string, Layer>,
): NonNullable<LinkChains['chains'][number]['counts']> {
  let entered = counts.rows;
  let at = layers.get(from);
  const steps = hops.map((hop, i) => {
    const { matched = 0, missed = {} } = counts.hops[i] ?? {};
    const step = {
      by: 'to' in hop ? hop.by : hop.address,
      byTitle: at?.fields['to' in hop ? hop.by : hop.address]?.title ?? { zh: '', en: '' },
      to: 'to' in hop ? hop.to : null,
      title: 'to' in hop ? (layers.get(hop.to)?.title ?? { zh: hop.to, en: hop.to }) : ADDRESS,
      entered,
      matched,
      rate: entered === 0 ? null : matched / entered,
      unmatched: Object.entries(missed).map(([reason, count]) => ({
        reason: reason as Miss,
        title: titleOf(hop, reason as Miss),
        count,
      })),
    };
    entered = matched;
    if ('to' in hop) at = layers.get(hop.to);
    return step;
  });
  return {
    rows: counts.rows,
    matched: entered,
    rate: counts.rows === 0 ? null : entered / counts.rows,
    unlocated: counts.unlocated,
    elsewhere: counts.elsewhere,
    hops: steps,
  };
}

function titleOf(hop: Hop, reason: Miss): Text {
  return 'address' in hop && reason === 'dead' ? UNKNOWN_ADDRESS : REASONS[reason];
}
