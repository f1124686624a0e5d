import { useTranslation } from 'react-i18next';
import type { LinkChains as Answer } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { number, percent } from '../../time.ts';
import type { Language } from '../../url-state.ts';

type Chain = Answer['chains'][number];

export interface LinkChainsProps {
  chains: readonly Chain[];
  lang: Language;
}

/** How far rows come along each chain of links: a list of hops with what is matched there, and why the rest is not. */
export function LinkChains({ chains, lang }: LinkChainsProps) {
  const { t } = useTranslation();
  if (chains.length === 0) return <p className="om-state">{t('data.chainsNone')}</p>;
  return (
    <ul className="om-chains" data-testid="chains">
      {chains.map((chain) => (
        <li key={chain.id} data-chain={chain.id}>
          <details>
            <summary>
              <span>{pick(chain.title, lang)}</span> <b>{percent(chain.counts?.rate ?? null, lang)}</b>
            </summary>
            {chain.counts === null ? (
              <p className="om-dim om-small">{t('data.chainMissing', { layers: chain.missing.join(', ') })}</p>
            ) : (
              <Hops counts={chain.counts} lang={lang} />
            )}
          </details>
        </li>
      ))}
    </ul>
  );
}

function Hops({ counts, lang }: { counts: NonNullable<Chain['counts']>; lang: Language }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="om-small">{t('data.chainRows', { rows: number(counts.rows, lang) })}</p>
      <ol className="om-hops">
        {counts.hops.map((hop) => (
          <li key={`${hop.by} ${hop.to ?? ''}`}>
            <span className="om-hop-head">
              <span>
                {pick(hop.byTitle, lang)} → {pick(hop.title, lang)}
              </span>
              <span className="om-hop-value">
                {number(hop.matched, lang)} <small>{percent(hop.rate, lang)}</small>
              </span>
            </span>
            <span className="om-bar-track" aria-hidden="true">
              <span style={{ width: `${100 * (hop.rate ?? 0)}%`, background: 'var(--om-series-0)' }} />
            </span>
            {hop.unmatched.some(({ count }) => count > 0) && (
              <small className="om-dim om-block">
                {hop.unmatched
                  .filter(({ count }) => count > 0)
                  .map(({ title, count }) => `${pick(title, lang)} ${number(count, lang)}`)
                  .join(' · ')}
              </small>
            )}
          </li>
        ))}
      </ol>
      <p className="om-dim om-small">
        {t('data.chainEnd', {
          matched: number(counts.matched, lang),
          unlocated: number(counts.unlocated, lang),
          elsewhere: number(counts.elsewhere, lang),
        })}
      </p>
    </>
  );
}
