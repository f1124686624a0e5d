import { ScatterplotLayer } from '@deck.gl/layers';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { CityMap, type FlyTo } from '../../map/city-map.tsx';
import { light, rgba } from '../../theme.ts';

export interface Place {
  lon: number;
  lat: number;
  /** Metres; null where it was shown on the map. */
  accuracy: number | null;
}

interface PlacePickerProps {
  catalogue: readonly LayerSummary[];
  place: Place | null;
  address: string;
  onPlace: (place: Place | null) => void;
  onAddress: (address: string) => void;
}

type Locating = 'idle' | 'busy' | 'denied' | 'failed';
const NO_LAYERS: never[] = [];
const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;

/** Where it is: the position of the device, a tap on the map, or an address. */
export function PlacePicker({ catalogue, place, address, onPlace, onAddress }: PlacePickerProps) {
  const { t } = useTranslation();
  const id = useId();
  const [locating, setLocating] = useState<Locating>('idle');
  const [flyTo, setFlyTo] = useState<FlyTo | null>(null);
  // Browsers tell positions to pages that came over https only.
  const canLocate = window.isSecureContext && 'geolocation' in navigator;
  const locate = () => {
    setLocating('busy');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const { longitude: lng, latitude: lat, accuracy } = coords;
        onPlace({ lon: round(lng), lat: round(lat), accuracy: Math.round(accuracy) });
        setFlyTo({ key: `here:${Date.now()}`, lng, lat, zoom: 16 });
        setLocating('idle');
      },
      (error) => setLocating(error.code === error.PERMISSION_DENIED ? 'denied' : 'failed'),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    );
  };
  const over = useMemo(
    () =>
      place
        ? [
            new ScatterplotLayer<Place>({
              id: 'report-place',
              data: [place],
              getPosition: ({ lon, lat }) => [lon, lat],
              radiusUnits: 'pixels',
              getRadius: 11,
              stroked: true,
              lineWidthUnits: 'pixels',
              getLineWidth: 4,
              getFillColor: rgba(light.ui.accent),
              getLineColor: rgba(light.ui.panel),
            }),
          ]
        : NO_LAYERS,
    [place],
  );
  return (
    <fieldset className="om-report-part">
      <legend>{t('report.where')}</legend>
      {canLocate ? (
        <button type="button" className="om-button om-report-locate" disabled={locating === 'busy'} onClick={locate}>
          {t(locating === 'busy' ? 'report.locating' : 'report.locate')}
        </button>
      ) : (
        <p className="om-dim">{t('report.locateNeedsHttps')}</p>
      )}
      {(locating === 'denied' || locating === 'failed') && (
        <p className="om-tone-warn" role="alert">
          {t(`report.locate.${locating}`)}
        </p>
      )}
      <p className="om-dim">{t('report.tapMap')}</p>
      <div className="om-report-map">
        <CityMap
          palette={light}
          label={t('report.map')}
          catalogue={catalogue}
          camera={null}
          onCamera={() => undefined}
          shown={NO_LAYERS}
          under={NO_LAYERS}
          over={over}
          onHit={(_, { lng, lat }) => onPlace({ lon: round(lng), lat: round(lat), accuracy: null })}
          flyTo={flyTo}
        />
      </div>
      <p role="status" className="om-report-place">
        {place
          ? `${place.lon.toFixed(5)}, ${place.lat.toFixed(5)}${
              place.accuracy === null ? '' : ` · ${t('report.accuracy', { metres: place.accuracy })}`
            }`
          : t('report.noPlace')}
        {place && (
          <button type="button" className="om-button" onClick={() => onPlace(null)}>
            {t('report.clearPlace')}
          </button>
        )}
      </p>
      <label className="om-report-label" htmlFor={id}>
        {t('report.address')}
      </label>
      <input
        id={id}
        className="om-report-input"
        type="text"
        autoComplete="street-address"
        maxLength={200}
        value={address}
        placeholder={t('report.addressHint')}
        onChange={(event) => onAddress(event.target.value)}
      />
    </fieldset>
  );
}
