import { useTranslation } from 'react-i18next';
import { areaOf, lengthOf, type DrawnShape } from '../../shape.ts';
import { area, length, number } from '../../time.ts';
import type { Language } from '../../url-state.ts';

/** Length and area of what was drawn, on the ellipsoid. */
export function Measures({ shape, lang }: { shape: DrawnShape | null; lang: Language }) {
  const { t } = useTranslation();
  if (shape?.kind !== 'line' && shape?.kind !== 'polygon' && shape?.kind !== 'circle') {
    return <p className="om-state">{t('tools.drawFirst')}</p>;
  }
  const metres =
    shape.kind === 'circle'
      ? 2 * Math.PI * shape.metres
      : lengthOf(shape.kind === 'polygon' ? [...shape.path, shape.path[0]!] : shape.path);
  const square =
    shape.kind === 'circle' ? Math.PI * shape.metres ** 2 : shape.kind === 'polygon' ? areaOf(shape.path) : null;
  return (
    <dl className="om-pairs" data-testid="measures">
      <div>
        <dt>{t(square === null ? 'tools.length' : 'tools.perimeter')}</dt>
        <dd>
          {length(metres, lang)} <small>({number(Math.round(metres), lang)} m)</small>
        </dd>
      </div>
      {square !== null && (
        <div>
          <dt>{t('tools.area')}</dt>
          <dd>
            {area(square, lang)} <small>({number(Math.round(square), lang)} m²)</small>
          </dd>
        </div>
      )}
    </dl>
  );
}
