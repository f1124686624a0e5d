import { useTranslation } from 'react-i18next';
import { useFeature, useLayerDetail, type FeatureAnswer } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import type { LayerDetail } from '../../../server/app.ts';
import { dateTime, number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';
import { SensorReadings } from './sensor-readings.tsx';

export interface FeaturePanelProps {
  layer: string;
  fid: string;
  /** As of the end of this day; null: now. */
  at?: string | null;
  lang: Language;
  onClose: () => void;
}

/** One feature with every field the caller may see; covered values are marked as such. */
export function FeaturePanel({ layer, fid, at = null, lang, onClose }: FeaturePanelProps) {
  const { t } = useTranslation();
  const detail = useLayerDetail(layer);
  const feature = useFeature(layer, fid, at);
  return (
    <Panel
      className="om-detail"
      title={pick(detail.data?.title, lang) || t('feature.title')}
      aside={
        <button type="button" className="om-close" onClick={onClose} aria-label={t('panel.close')}>
          ✕
        </button>
      }
    >
      <Answer query={detail}>
        {(definition) => (
          <Answer query={feature}>
            {(answer) => (
              <>
                <Fields {...{ definition, answer, lang }} />
                {/* Readings are of the live features, not of versions. */}
                {definition.sensor !== null && at === null && (
                  <SensorReadings {...{ definition, lang }} feature={String(answer.properties[definition.key])} />
                )}
              </>
            )}
          </Answer>
        )}
      </Answer>
    </Panel>
  );
}

function Fields({ definition, answer, lang }: { definition: LayerDetail; answer: FeatureAnswer; lang: Language }) {
  const { t } = useTranslation();
  const label = definition.label === null ? null : answer.properties[definition.label];
  return (
    <>
      {typeof label === 'string' && label !== '' && <h3 className="om-detail-title">{label}</h3>}
      <dl className="om-pairs" data-testid="feature-fields">
        {definition.fields.map((field) => (
          <div key={field.name}>
            <dt>{pick(field.title, lang)}</dt>
            <dd>
              <Value field={field} value={answer.properties[field.name]} lang={lang} />
              {field.masked &&
                answer.properties[field.name] !== undefined &&
                answer.properties[field.name] !== null && (
                  <span className="om-badge" title={t('feature.masked.help')}>
                    {t('feature.masked')}
                  </span>
                )}
            </dd>
          </div>
        ))}
        {/* Layers that carry the code as a field of their own have shown it above. */}
        {!definition.fields.some(({ name }) => name === 'grid_code') && (
          <div>
            <dt>{t('cell.title')}</dt>
            <dd>
              <code>{String(answer.properties['grid_code'] ?? '–')}</code>
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

function Value({ field, value, lang }: { field: LayerDetail['fields'][number]; value: unknown; lang: Language }) {
  const { t } = useTranslation();
  if (value === null || value === undefined || value === '')
    return <span className="om-dim">{t('feature.empty')}</span>;
  const title = field.values?.[String(value)];
  if (title) return <>{pick(title, lang)}</>;
  if (typeof value === 'boolean') return <>{t(value ? 'value.true' : 'value.false')}</>;
  const unit = field.unit ? ` ${field.unit}` : '';
  if (typeof value === 'number') {
    // Years and codes are numbers too, but nobody writes 2,019.
    return <>{(/year|code|no$/.test(field.name) ? String(value) : number(value, lang)) + unit}</>;
  }
  if (field.type === 'datetime') return <>{dateTime(Date.parse(String(value)), lang)}</>;
  return <>{String(value) + unit}</>;
}
