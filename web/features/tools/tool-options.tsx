import { NativeSelect, NumberInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import type { DrawnShape } from '../../shape.ts';
import type { Language, Tool } from '../../url-state.ts';
import { LayerChoice } from './layer-choice.tsx';
import { DEFAULT_COVERAGE, DEFAULT_METRES, levelOption, minutesOption, modeOption, numberOption } from './use-tool.ts';

export interface ToolOptionsProps {
  tool: Tool;
  shape: DrawnShape | null;
  catalogue: readonly LayerSummary[];
  /** Layers on the map. */
  shown: readonly string[];
  lang: Language;
  /** An empty text takes an option away. */
  set: (options: Record<string, string>) => void;
}

/** What else the tool wants to know, as a sentence to fill in. */
export function ToolOptions({ tool, shape, catalogue, shown, lang, set }: ToolOptionsProps) {
  const { t } = useTranslation();
  const layer = (name: string, label: string, none: string, otherwise = '') => (
    <LayerChoice
      label={label}
      value={tool.options[name] ?? otherwise}
      {...(otherwise === '' ? { none } : {})}
      {...{ catalogue, shown, lang }}
      onChange={(id) => set({ [name]: id })}
    />
  );
  const count = (name: string, label: string, value: number, most: number, step = 1) => (
    <NumberInput
      size="xs"
      label={label}
      min={1}
      max={most}
      step={step}
      allowDecimal={false}
      value={value}
      onChange={(next) => {
        if (typeof next === 'number' && next >= 1 && next <= most) set({ [name]: String(next) });
      }}
    />
  );
  const choice = (name: string, label: string, value: string, choices: readonly { value: string; label: string }[]) => (
    <NativeSelect
      size="xs"
      label={label}
      value={value}
      data={[...choices]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  );
  const mode = choice('mode', t('tools.mode'), modeOption(tool), [
    { value: 'walk', label: t('tools.mode.walk') },
    { value: 'drive', label: t('tools.mode.drive') },
  ]);
  const level = choice('by', t('tools.level'), levelOption(tool), [
    { value: 'grid', label: t('level.grid') },
    { value: 'community', label: t('level.community') },
  ]);
  const minutes = minutesOption(tool).join('-');
  const metres = count('m', t('tools.metres'), numberOption(tool, 'm', DEFAULT_METRES), 20_000, 100);

  switch (tool.id) {
    case 'inside':
      return shape !== null && ['point', 'line', 'feature'].includes(shape.kind) ? metres : null;
    case 'buffer':
      return (
        <div className="om-sentence">
          {layer('from', t('tools.from'), t('tools.from.drawn'))}
          {metres}
          {tool.options['from'] && (
            <label className="om-check">
              <input
                type="checkbox"
                checked={tool.options['each'] === '1'}
                onChange={(event) => set({ each: event.currentTarget.checked ? '1' : '' })}
              />
              {t('tools.buffer.each')}
            </label>
          )}
        </div>
      );
    case 'nearest':
      return (
        <div className="om-sentence">
          {layer('from', t('tools.from'), t('tools.from.point'))}
          {layer('to', t('tools.nearest.to'), t('analyse.choose'))}
          {count('n', t('tools.nearest.count'), numberOption(tool, 'n', 5), 50)}
        </div>
      );
    case 'reach':
      return (
        <div className="om-sentence">
          {layer('from', t('tools.from'), t('tools.from.point'))}
          {mode}
          {choice(
            't',
            t('tools.minutes'),
            minutes,
            [...new Set(['5-10-15', '10', '15', '30', '10-20-30', minutes])].map((value) => ({
              value,
              label: value.split('-').join(' / '),
            })),
          )}
        </div>
      );
    case 'route':
      return <div className="om-sentence">{mode}</div>;
    case 'coverage':
      return (
        <div className="om-sentence">
          {layer('from', t('tools.coverage.of'), '', DEFAULT_COVERAGE)}
          {mode}
          {count('t', t('tools.minutes'), numberOption(tool, 't', 10), 60)}
        </div>
      );
    case 'hotspot':
      return (
        <div className="om-sentence">
          {layer('layer', t('tools.hotspot.of'), t('analyse.choose'))}
          {layer('per', t('tools.hotspot.per'), t('tools.hotspot.perNone'))}
          {level}
          {choice('method', t('tools.hotspot.method'), tool.options['method'] === 'moran' ? 'moran' : 'gi', [
            { value: 'gi', label: t('tools.hotspot.gi') },
            { value: 'moran', label: t('tools.hotspot.moran') },
          ])}
          <label className="om-check">
            <input
              type="checkbox"
              checked={tool.options['fdr'] === '1'}
              onChange={(event) => set({ fdr: event.currentTarget.checked ? '1' : '' })}
            />
            {t('tools.hotspot.fdr')}
          </label>
        </div>
      );
    case 'correlation':
      return (
        <div className="om-sentence">
          {layer('layer', t('tools.correlation.a'), t('analyse.choose'))}
          {layer('other', t('tools.correlation.b'), t('analyse.choose'))}
          {level}
        </div>
      );
    case 'measure':
    case 'overlay':
    case 'attach':
    case 'keep':
      return null;
  }
}
