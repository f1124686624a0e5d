import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLineage, useRecords, useWhy } from '../../api/counts.ts';
import { useLayerDetail, type FeatureAnswer } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime, number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { emptyState, formatUrlState, type Language } from '../../url-state.ts';

export interface EvidenceProps {
  layer: string;
  /** The condition of the number; null: all rows. */
  filter: object | null;
  at: string | null;
  lang: Language;
}

/** What a count of rows rests on: what was counted and what not, how fresh it is, its files, and its records. */
export function Evidence({ layer, filter, at, lang }: EvidenceProps) {
  const { t } = useTranslation();
  const why = useWhy(layer, filter, at);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Answer query={why} isEmpty={({ evidence }) => evidence === null}>
      {({ evidence, freshness }) =>
        evidence && (
          <div data-testid="evidence">
            <dl className="om-pairs">
              <div>
                <dt>{t('why.counted')}</dt>
                <dd data-testid="why-counted">
                  {evidence.counted === null ? t('state.withheld', { k: evidence.k }) : number(evidence.counted, lang)}
                  {(evidence.unlocated ?? 0) > 0 && ` (${t('why.unlocated', { count: evidence.unlocated ?? 0 })})`}
                </dd>
              </div>
              {evidence.rows.unmatched !== null && evidence.rows.unmatched > 0 && (
                <div>
                  <dt>{t('why.unmatched')}</dt>
                  <dd>{number(evidence.rows.unmatched, lang)}</dd>
                </div>
              )}
              <div>
                <dt>{t('why.setAside')}</dt>
                <dd>
                  {number(evidence.rows.quarantined, lang)}
                  {evidence.rejects.length > 0 && (
                    <small className="om-dim om-block">
                      {evidence.rejects
                        .map(({ title, count }) => `${pick(title, lang)} ${number(count, lang)}`)
                        .join(' · ')}
                    </small>
                  )}
                </dd>
              </div>
              <div>
                <dt>{t('lead.why.freshness')}</dt>
                <dd>
                  {t(`freshness.${freshness.verdict}`)}
                  {freshness.ageHours !== null && (
                    <small className="om-dim om-block">
                      {t('why.age', { age: freshness.ageHours, limit: freshness.limitHours })}
                    </small>
                  )}
                </dd>
              </div>
              <div>
                <dt>{t('why.sources')}</dt>
                <dd>
                  <ul className="om-reasons" data-testid="why-sources">
                    {evidence.sources.map((source) => (
                      <li key={source.layer}>
                        {`${t(`why.kind.${source.kind}`)}: ${pick(source.title, lang)} #${source.load}`}
                        <small className="om-dim om-block">
                          {`${source.file} · ${dateTime(Date.parse(source.deliveredAt), lang)}`}{' '}
                          {source.sha256 && <code title={source.sha256}>{source.sha256.slice(0, 12)}</code>}
                        </small>
                      </li>
                    ))}
                  </ul>
                </dd>
              </div>
            </dl>
            <button type="button" className="om-link" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
              {t('why.records')}
            </button>
            {isOpen && <Records {...{ layer, filter, at, lang }} />}
          </div>
        )
      }
    </Answer>
  );
}

/** The records that were counted, page by page; each opens to the line of the file it came from. */
function Records({ layer, filter, at, lang }: EvidenceProps) {
  const { t } = useTranslation();
  const detail = useLayerDetail(layer);
  const records = useRecords(layer, filter, at);
  const [selected, setSelected] = useState<string | null>(null);
  const nameOf = ({ id, properties }: FeatureAnswer): string => {
    const { label = null, key = null } = detail.data ?? {};
    for (const name of [label, key]) {
      const value = name === null ? null : properties[name];
      if (value !== null && value !== undefined && value !== '') return String(value);
    }
    return String(id);
  };
  return (
    <Answer query={records} isEmpty={({ pages }) => pages[0]?.features.length === 0}>
      {({ pages }) => (
        <>
          <ol className="om-records" data-testid="why-records">
            {pages
              .flatMap(({ features }) => features)
              .map((feature) => {
                const fid = String(feature.id);
                const isSelected = fid === selected;
                return (
                  <li key={fid}>
                    <button
                      type="button"
                      className="om-link"
                      aria-expanded={isSelected}
                      onClick={() => setSelected(isSelected ? null : fid)}
                    >
                      {nameOf(feature)}
                    </button>
                    {isSelected && <Origin {...{ layer, fid, at, lang }} />}
                  </li>
                );
              })}
          </ol>
          {records.hasNextPage && (
            <button
              type="button"
              className="om-button om-more"
              disabled={records.isFetchingNextPage}
              onClick={() => void records.fetchNextPage()}
            >
              {t('data.more')}
            </button>
          )}
        </>
      )}
    </Answer>
  );
}

/** File and line of one record, what was mended in it, and the way to it on the map. */
function Origin({ layer, fid, at, lang }: { layer: string; fid: string; at: string | null; lang: Language }) {
  const { t } = useTranslation();
  const lineage = useLineage(layer, fid, at);
  return (
    <Answer query={lineage}>
      {({ load, line, repairs }) => (
        <p className="om-small" data-testid="why-origin">
          {`${load.file} · ${line === null ? t('data.noLine') : t('data.line', { line })} · #${load.id}`}
          {repairs.length > 0 && (
            <small className="om-dim om-block">
              {repairs.map(({ code, message }) => `${code} ${message}`).join('; ')}
            </small>
          )}{' '}
          <a
            href={`/plan${formatUrlState({ ...emptyState, lang, asOf: at, layers: [{ id: layer, opacity: 1 }], selection: { kind: 'feature', layer, fid } })}`}
            target="_blank"
            rel="noreferrer"
          >
            {t('lead.map')}
          </a>
        </p>
      )}
    </Answer>
  );
}
