import { useTranslation } from 'react-i18next';
import { downloadText } from './download-text.ts';

/** Shapes that a tool made, as a GeoJSON file. */
export function DownloadShapes({ name, features }: { name: string; features: readonly object[] }) {
  const { t } = useTranslation();
  if (features.length === 0) return null;
  return (
    <div className="om-actions">
      <button
        type="button"
        className="om-button"
        onClick={() =>
          downloadText(
            `${name}.geojson`,
            'application/geo+json',
            JSON.stringify({ type: 'FeatureCollection', features }),
          )
        }
      >
        {t('table.geojson')}
      </button>
    </div>
  );
}
