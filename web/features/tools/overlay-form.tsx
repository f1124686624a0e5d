import { NativeSelect, NumberInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { startResult } from '../../api/results.ts';
import { pick } from '../../i18n/i18n.ts';
import { shapeInput } from '../../shape.ts';
import { LayerChoice } from './layer-choice.tsx';
import type { LayerMakerProps } from './layer-maker-props.ts';
import { dimensionOf, operationsOf } from './overlay-operations.ts';
import { SaveForm } from './save-form.tsx';
import { DEFAULT_METRES, numberOption } from './use-tool.ts';

/** Metres below which a strip between two borders is no piece, as the service has it. */
const DEFAULT_SLIVER = 0.05;

/** Two layers, or a layer and what is drawn, laid over each other: what is made becomes a layer. */
export function OverlayForm(props: LayerMakerProps) {
  const { tool, shape, catalogue, shown, filterOf, lang, set, onStarted } = props;
  const { t } = useTranslation();
  const find = (name: string) => catalogue.find(({ id }) => id === tool.options[name]);
  const [a, b] = [find('a'), find('b')];
  const isDrawn = tool.options['b'] === undefined;
  // Points and lines are areas of so many metres around.
  const area = isDrawn && shape !== null ? shape : null;
  const possible = a === undefined ? [] : operationsOf(dimensionOf(a), b === undefined ? 2 : dimensionOf(b));
  const operation = possible.find((each) => each === tool.options['op']) ?? possible[0] ?? 'intersection';
  const sliver = Number(tool.options['s'] ?? DEFAULT_SLIVER);
  const rowsOf = (id: string) => {
    const filter = filterOf(id);
    return filter === null ? { layer: id } : { layer: id, filter };
  };
  const filtered = (layer: LayerSummary | undefined) =>
    layer !== undefined && filterOf(layer.id) !== null ? { description: t('overlay.filtered') } : {};
  const other = b === undefined ? t('overlay.shape') : pick(b.title, lang);
  return (
    <SaveForm
      suggested={a === undefined ? '' : t(`overlay.${operation}.title`, { a: pick(a.title, lang), b: other })}
      isPersonal={[a, b].some((layer) => layer?.sensitivity === 'personal')}
      canStart={a !== undefined && (b !== undefined || area !== null)}
      action={t('overlay.start')}
      start={(words) =>
        startResult('overlay', {
          ...words,
          operation,
          a: rowsOf(a?.id ?? ''),
          b:
            b !== undefined
              ? rowsOf(b.id)
              : { shape: area === null ? null : shapeInput(area, numberOption(tool, 'm', DEFAULT_METRES)) },
          sliverMetres: sliver,
        })
      }
      onStarted={onStarted}
    >
      <LayerChoice
        label={t('overlay.a')}
        value={a?.id ?? ''}
        none={t('analyse.choose')}
        {...{ catalogue, shown, lang }}
        {...filtered(a)}
        onChange={(id) => set({ a: id })}
      />
      <NativeSelect
        size="xs"
        label={t('overlay.operation')}
        value={operation}
        disabled={a === undefined}
        data={(possible.length === 0 ? [operation] : possible).map((each) => ({
          value: each,
          label: t(`overlay.${each}`),
        }))}
        description={t(`overlay.${operation}.help`)}
        inputWrapperOrder={['label', 'input', 'description']}
        onChange={(event) => set({ op: event.currentTarget.value })}
      />
      <LayerChoice
        label={t('overlay.b')}
        value={b?.id ?? ''}
        none={t('overlay.drawn')}
        {...{ catalogue, shown, lang }}
        {...filtered(b)}
        onChange={(id) => set({ b: id })}
      />
      {isDrawn && shape === null && <p className="om-hint">{t('overlay.drawFirst')}</p>}
      {area !== null && ['point', 'line', 'feature'].includes(area.kind) && (
        <NumberInput
          size="xs"
          label={t('tools.metres')}
          min={1}
          max={20_000}
          step={100}
          allowDecimal={false}
          value={numberOption(tool, 'm', DEFAULT_METRES)}
          onChange={(next) => {
            if (typeof next === 'number' && next >= 1 && next <= 20_000) set({ m: String(next) });
          }}
        />
      )}
      <details className="om-more">
        <summary>{t('overlay.more')}</summary>
        <NumberInput
          size="xs"
          label={t('overlay.sliver')}
          description={t('overlay.sliver.help')}
          min={0}
          max={100}
          step={0.05}
          value={sliver}
          onChange={(next) => {
            if (typeof next === 'number' && next >= 0 && next <= 100)
              set({ s: next === DEFAULT_SLIVER ? '' : String(next) });
          }}
        />
      </details>
    </SaveForm>
  );
}
