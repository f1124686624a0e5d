import { useTranslation } from 'react-i18next';
import type { LayerDetail } from '../../../server/app.ts';
import { useLayerDetail } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime, number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';

/** What a layer is: who hands it in, how often, since when, who may see it, and its fields. */
export function LayerCard({ id, lang }: { id: string; lang: Language }) {
  const { t } = useTranslation();
  const detail = useLayerDetail(id);
  return (
    <div className="om-layer-card" data-testid="layer-card">
      <Answer<LayerDetail> query={detail}>
        {(layer) => (
          <>
            <dl className="om-pairs">
              <div>
                <dt>{t('card.id')}</dt>
                <dd>
                  <code>{layer.id}</code>
                </dd>
              </div>
              <div>
                <dt>{t('card.department')}</dt>
                <dd>{pick(layer.department.title, lang)}</dd>
              </div>
              <div>
                <dt>{t('card.class')}</dt>
                <dd>
                  {pick(layer.class.title, lang)} · {pick(layer.subclass.title, lang)}
                </dd>
              </div>
              <div>
                <dt>{t('card.use')}</dt>
                <dd>{t(`card.use.${layer.sensitivity}`)}</dd>
              </div>
              <div>
                <dt>{t('card.cadence')}</dt>
                <dd>
                  {t(`card.cadence.${layer.cadence}`)}
                  {` · ${t('card.limit', { hours: number(layer.freshnessHours, lang) })}`}
                </dd>
              </div>
              <div>
                <dt>{t('card.load')}</dt>
                <dd>
                  {layer.load === null
                    ? t('freshness.never')
                    : `#${layer.load.id} · ${dateTime(Date.parse(layer.load.at), lang)}`}
                </dd>
              </div>
              <div>
                <dt>{t('card.source')}</dt>
                <dd>
                  {layer.source.format} · {layer.source.crs}
                  {layer.source.url && <small className="om-card-url">{layer.source.url}</small>}
                </dd>
              </div>
            </dl>
            <details>
              <summary>{t('card.fields', { count: layer.fields.length })}</summary>
              <ul className="om-card-fields">
                {layer.fields.map(({ name, title, unit, masked }) => (
                  <li key={name}>
                    {pick(title, lang)}
                    {unit && <small> ({unit})</small>} <code>{name}</code>
                    {masked && <span className="om-badge">{t('feature.masked')}</span>}
                  </li>
                ))}
              </ul>
            </details>
            <a className="om-link" href={`/data?layer=${layer.id}${lang === 'zh' ? '' : `&lang=${lang}`}`}>
              {t('card.lineage')}
            </a>
          </>
        )}
      </Answer>
    </div>
  );
}
