import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Quality } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime, number, percent } from '../../time.ts';
import { ScoreBar } from '../../ui/score-bar.tsx';
import type { Language } from '../../url-state.ts';

type LayerQuality = Quality['layers'][number];

export interface LayerTableProps {
  quality: Quality;
  department: string | null;
  selected: string | null;
  lang: Language;
  onSelect: (layer: string | null) => void;
}

/** Layers, the worst first, with what their score is made of: on hover in short, opened in full. */
export function LayerTable({ quality, department, selected, lang, onSelect }: LayerTableProps) {
  const { t } = useTranslation();
  const layers = quality.layers
    .filter((layer) => department === null || layer.department === department)
    .toSorted((a, b) => a.score - b.score);
  return (
    <table className="om-table om-quality" data-testid="layers">
      <caption className="om-hidden">{t('data.layers')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('data.layer')}</th>
          <th scope="col">{t('data.score')}</th>
          <th scope="col">{t('data.rowsIn')}</th>
          <th scope="col">{t('data.accepted')}</th>
          <th scope="col" className="om-wide">
            {t('data.repaired')}
          </th>
          <th scope="col">{t('data.quarantined')}</th>
          <th scope="col" className="om-wide">
            {t('data.when')}
          </th>
        </tr>
      </thead>
      <tbody>
        {layers.map((layer) => (
          <LayerRows
            key={layer.id}
            layer={layer}
            criteria={quality.criteria}
            isOpen={layer.id === selected}
            lang={lang}
            onSelect={() => onSelect(layer.id === selected ? null : layer.id)}
          />
        ))}
      </tbody>
    </table>
  );
}

function LayerRows(props: {
  layer: LayerQuality;
  criteria: Quality['criteria'];
  isOpen: boolean;
  lang: Language;
  onSelect: () => void;
}) {
  const { layer, criteria, isOpen, lang, onSelect } = props;
  const { t } = useTranslation();
  const { rows } = layer;
  const row = useRef<HTMLTableRowElement>(null);
  // The address may name a layer far down the list.
  useEffect(() => {
    if (isOpen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  const inShort = layer.values
    .map(({ id, value }) => {
      const title = pick(criteria.find((criterion) => criterion.id === id)?.title, lang);
      return `${title} ${value === null ? t('data.notCounted') : percent(value, lang)}`;
    })
    .join(' · ');
  return (
    <>
      <tr ref={row} data-layer={layer.id} aria-current={isOpen || undefined} title={inShort || t('data.neverLoaded')}>
        <th scope="row">
          <button type="button" className="om-quality-layer" aria-expanded={isOpen} onClick={onSelect}>
            {pick(layer.title, lang)}
          </button>
          {layer.freshness !== 'fresh' && (
            <span className={`om-badge om-badge-${layer.freshness}`}>{t(`freshness.${layer.freshness}`)}</span>
          )}
          {layer.failed && (
            <span className="om-badge om-badge-failed" title={pick(layer.failed.title, lang)}>
              {t('data.lastFailed')}
            </span>
          )}
        </th>
        <td>
          <ScoreBar score={layer.score} label={t('data.scoreOf', { score: layer.score.toFixed(1) })} />
        </td>
        <td>{number(rows?.in, lang)}</td>
        <td>{number(rows?.accepted, lang)}</td>
        <td className="om-wide">{number(rows?.repaired, lang)}</td>
        <td>{number(rows?.quarantined, lang)}</td>
        <td className="om-wide om-nowrap">
          {layer.publishedAt === null ? '–' : dateTime(Date.parse(layer.publishedAt), lang)}
        </td>
      </tr>
      {isOpen && (
        <tr className="om-quality-open">
          <td colSpan={7}>
            {layer.values.length === 0 ? (
              <p>{t('data.neverLoaded')}</p>
            ) : (
              <Criteria layer={layer} criteria={criteria} lang={lang} />
            )}
          </td>
        </tr>
      )}
    </>
  );
}

function Criteria(props: { layer: LayerQuality; criteria: Quality['criteria']; lang: Language }) {
  const { layer, criteria, lang } = props;
  const { t } = useTranslation();
  return (
    <>
      <ul className="om-criteria" aria-label={t('data.criteria')} data-testid="criteria">
        {criteria.map(({ id, title, weight, rule }) => {
          const found = layer.values.find((value) => value.id === id);
          const share = found?.value ?? null;
          return (
            <li key={id} data-criterion={id}>
              <span className="om-criterion-title">{pick(title, lang)}</span>
              <span className="om-criterion-value">
                {share === null ? t('data.notCounted') : `${(100 * share).toFixed(1)} %`}
              </span>
              <span className="om-dim">{`${t('data.weight')} ${weight}`}</span>
              <span className="om-score-track" aria-hidden="true">
                {share !== null && <span style={{ width: `${100 * share}%` }} />}
              </span>
              <span className="om-criterion-reason">
                {pick(found?.reason, lang)}
                <small>{pick(rule, lang)}</small>
              </span>
            </li>
          );
        })}
      </ul>
      <p className="om-dim om-small">{t('data.scoreRule')}</p>
    </>
  );
}
