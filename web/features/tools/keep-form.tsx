import { useTranslation } from 'react-i18next';
import { startResult } from '../../api/results.ts';
import { pick } from '../../i18n/i18n.ts';
import { shapeGeometry } from '../../shape.ts';
import { LayerChoice } from './layer-choice.tsx';
import type { LayerMakerProps } from './layer-maker-props.ts';
import { SaveForm } from './save-form.tsx';

/** The rows of a layer under its filter, or what is drawn, as a layer of one's own. */
export function KeepForm(props: LayerMakerProps) {
  const { tool, shape, catalogue, shown, filterOf, lang, set, onStarted } = props;
  const { t } = useTranslation();
  const layer = catalogue.find(({ id }) => id === tool.options['from']);
  const filter = layer === undefined ? null : filterOf(layer.id);
  const geometry = shape === null ? null : shapeGeometry(shape);
  const drawnTitle = t('keep.drawn.title');
  const suggested =
    layer === undefined
      ? drawnTitle
      : t(filter === null ? 'keep.copy.title' : 'keep.selection.title', { layer: pick(layer.title, lang) });
  return (
    <SaveForm
      suggested={suggested}
      isPersonal={layer?.sensitivity === 'personal'}
      canStart={layer !== undefined || geometry !== null}
      action={t('keep.start')}
      start={({ title, ...words }) =>
        startResult('save', {
          title,
          ...words,
          of:
            layer === undefined
              ? { kind: 'shapes', features: [{ geometry, properties: { [t('tools.name')]: title } }] }
              : { kind: 'rows', layer: layer.id, ...(filter === null ? {} : { filter }) },
        })
      }
      onStarted={onStarted}
    >
      <LayerChoice
        label={t('keep.what')}
        value={layer?.id ?? ''}
        none={t('keep.drawn')}
        {...{ catalogue, shown, lang }}
        {...(layer === undefined ? {} : { description: t(filter === null ? 'keep.all' : 'overlay.filtered') })}
        onChange={(id) => set({ from: id })}
      />
      {layer === undefined && geometry === null && (
        <p className="om-hint">{t(shape === null ? 'tools.drawFirst' : 'keep.drawSelf')}</p>
      )}
    </SaveForm>
  );
}
