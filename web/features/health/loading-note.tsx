import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useLayers, useStatus } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';

/** Progress of the loader while layers are missing; nothing when it renews one, or makes one of somebody's own. */
export function LoadingNote({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const loading = useStatus().data?.loading ?? null;
  const layers = useLayers().data;
  const isWhole = layers?.every(({ load, user, geometry }) => load !== null || user || geometry === 'raster') ?? false;
  if (!loading || isWhole) return null;
  const { done, total, layer } = loading;
  const title = pick(layers?.find(({ id }) => id === layer)?.title, lang);
  return (
    <div className="om-loading" role="status">
      <strong>{t('load.title')}</strong>
      <Progress value={total > 0 ? (100 * done) / total : 0} aria-label={t('load.title')} />
      <span>
        {t('load.progress', { done, total })}
        {title ? ` · ${t('load.layer', { layer: title })}` : ''}
      </span>
    </div>
  );
}
