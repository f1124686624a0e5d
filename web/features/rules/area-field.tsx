import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useLayers } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import type { PlaceNames } from '../../place-names.ts';
import { CodeChoice } from '../../ui/code-choice.tsx';
import { FilterText } from './filter-text.tsx';
import type { Area } from './rule-draft.ts';

type Way = 'anywhere' | 'drawn' | 'circle' | 'town' | 'community' | 'grid' | 'inside' | 'other';

function wayOf(area: Area | null): Way {
  if (area === null || Object.keys(area).length === 0) return 'anywhere';
  if ('circle' in area) return 'circle';
  if ('within' in area) return 'drawn';
  if ('inside' in area && !('filter' in (area['inside'] as object)) && !('fid' in (area['inside'] as object)))
    return 'inside';
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
  onDraw: (take: ((area: Area) => void) | null, mode?: 'polygon' | 'circle') => void;
}

/** An area: anywhere, drawn on the map, or cells of the hierarchy. */
export function AreaField({ area, names, isNeeded = false, onChange, onDraw }: AreaFieldProps) {
  const { t, i18n } = useTranslation();
  const lang = i18n.language === 'en' ? 'en' : 'zh';
  const list = useId();
  const layers = useLayers().data?.filter(({ geometry }) => geometry !== 'raster') ?? [];
  const way = wayOf(area);
  const codes = ((area?.['cells'] as { codes?: string[] } | undefined)?.codes ?? []) as string[];
  const inside = (area?.['inside'] ?? {}) as { layer?: string; metres?: number };
  const choose = (next: string) => {
    onDraw(null);
    if (next === 'drawn') onDraw(onChange);
    else if (next === 'circle') onDraw(onChange, 'circle');
    else if (next === 'town' || next === 'community' || next === 'grid') onChange({ cells: { by: next, codes: [] } });
    else if (next === 'inside') onChange({ inside: { layer: 'school', metres: 100 } });
    else if (next === 'anywhere') onChange(null);
  };
  const options: Way[] = [
    'anywhere',
    'drawn',
    'circle',
    'town',
    'community',
    'grid',
    'inside',
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
      {(way === 'drawn' || way === 'circle') && (
        <button
          type="button"
          className="om-button"
          onClick={() => onDraw(onChange, way === 'circle' ? 'circle' : 'polygon')}
        >
          {t('rules.area.again')}
        </button>
      )}
      {(way === 'town' || way === 'community' || way === 'grid') && (
        <CodeChoice
          level={way}
          codes={codes}
          names={names}
          onChange={(next) => onChange({ cells: { by: way, codes: next } })}
        />
      )}
      {way === 'inside' && (
        <>
          <TextInput
            size="xs"
            list={list}
            aria-label={t('rules.area.insideLayer')}
            // The list shows titles as well; what is kept is the id.
            description={pick(layers.find(({ id }) => id === inside.layer)?.title, lang)}
            value={String(inside.layer ?? '')}
            onChange={(event) => onChange({ inside: { ...inside, layer: event.currentTarget.value.trim() } })}
          />
          <datalist id={list}>
            {layers.map(({ id, title }) => (
              <option key={id} value={id}>
                {pick(title, lang)}
              </option>
            ))}
          </datalist>
          <NumberInput
            size="xs"
            className="om-blank"
            aria-label={t('rules.area.insideMetres')}
            min={0}
            value={inside.metres ?? 0}
            onChange={(next) => typeof next === 'number' && onChange({ inside: { ...inside, metres: next } })}
          />
          {t('rules.area.insideMetres')}
        </>
      )}
      {way === 'other' && <FilterText filter={area ?? undefined} onChange={(next) => onChange(next ?? null)} />}
    </span>
  );
}
