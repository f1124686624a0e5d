import { useTranslation } from 'react-i18next';
import { CityMap, type CityMapProps, type DrawingProps } from '../map/city-map.tsx';
import { light } from '../theme.ts';
import { useUrlState } from '../use-url-state.ts';

const NOTHING: never[] = [];
const ignore = () => undefined;

export interface DrawMapProps extends Pick<CityMapProps, 'catalogue' | 'flyTo' | 'places'> {
  under?: CityMapProps['under'];
  over?: CityMapProps['over'];
  onHit?: CityMapProps['onHit'];
  drawing: DrawingProps;
}

/** The map of a desk at which areas are drawn: without layers, and with a word on how to draw. */
export function DrawMap({ under = NOTHING, over = NOTHING, onHit = ignore, drawing, ...map }: DrawMapProps) {
  const { t } = useTranslation();
  const [{ camera }, patch] = useUrlState();
  return (
    <div className="om-rules-map">
      <CityMap
        palette={light}
        label={t('map.label')}
        camera={camera}
        onCamera={(next) => patch({ camera: next }, true)}
        shown={NOTHING}
        {...{ under, over, onHit, drawing }}
        {...map}
      >
        {drawing.mode !== null && (
          <p className="om-rules-hint" role="status">
            {t(drawing.mode === 'circle' ? 'tools.drawing.circle' : 'rules.drawHelp')}
          </p>
        )}
      </CityMap>
    </div>
  );
}
