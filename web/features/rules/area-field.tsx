import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PlaceNames } from '../../place-names.ts';
import type { Area } from './rule-draft.ts';

type Way = 'anywhere' | 'drawn' | 'town' | 'community' | 'grid' | 'other';

function wayOf(area: Area | null): Way {
  if (area === null || Object.keys(area).length === 0) return 'anywhere';
  if ('within' in area || 'circle' in area) return 'drawn';
  const by = (area['cells'] as { by?: unknown } | undefined)?.by;
  return by === 'town' || by === 'community' || by === 'grid' ? by : 'other';
}

export interface AreaFieldProps {
  area: Area | null;
  names: PlaceNames;
  /** A geofence needs one. */
  isNeeded?: boolean;
  onChange: (area: Area | null) => void;
  /** Asks the map for a drawn area; null: gives it up. */
  onDraw: (take: ((area: Area) => void) | null) => void;
}

/** An area: anywhere, drawn on the map, or cells of the hierarchy. */
export function AreaField({ area, names, isNeeded = false, onChange, onDraw }: AreaFieldProps) {
  const { t } = useTranslation();
  const way = wayOf(area);
  const codes = ((area?.['cells'] as { codes?: string[] } | undefined)?.codes ?? []) as string[];
  const choose = (next: string) => {
    onDraw(null);
    if (next === 'drawn') onDraw(onChange);
    else if (next === 'town' || next === 'community') {
      const first = [...names.keys()].find((code) => code.endsWith('000') === (next === 'town'));
      onChange(first === undefined ? null : { cells: { by: next, codes: [first] } });
    } else if (next === 'grid') onChange({ cells: { by: 'grid', codes: [] } });
    else if (next === 'anywhere') onChange(null);
  };
  const options: Way[] = [
    'anywhere',
    'drawn',
    'town',
    'community',
    'grid',
    ...(way === 'other' ? ['other' as const] : []),
  ];
  return (
    <span className="om-rule-area">
      <NativeSelect
        size="xs"
        aria-label={t('rules.area')}
        value={way}
        data={options.map((value) => ({
          value,
          label: t(value === 'anywhere' && isNeeded ? 'rules.area.choose' : `rules.area.${value}`),
        }))}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {way === 'drawn' && (
        <button type="button" className="om-button" onClick={() => onDraw(onChange)}>
          {t('rules.area.again')}
        </button>
      )}
      {(way === 'town' || way === 'community') && (
        <NativeSelect
          size="xs"
          aria-label={t(`rules.area.${way}`)}
          value={codes[0] ?? ''}
          data={[...names]
            .filter(([code]) => code.endsWith('000') === (way === 'town'))
            .map(([value, label]) => ({ value, label }))}
          onChange={(event) => onChange({ cells: { by: way, codes: [event.currentTarget.value] } })}
        />
      )}
      {way === 'grid' && (
        <TextInput
          size="xs"
          aria-label={t('rules.area.grid')}
          placeholder="440604012018W001"
          value={codes.join(' ')}
          onChange={(event) => {
            const next = event.currentTarget.value.split(/[\s,]+/).filter((code) => code !== '');
            onChange({ cells: { by: 'grid', codes: next } });
          }}
        />
      )}
    </span>
  );
}
