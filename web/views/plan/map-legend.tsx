import { useTranslation } from 'react-i18next';
import { useLayerDetail } from '../../api/layers.ts';
import { metricTitle } from '../../features/analysis/metric-select.tsx';
import { pick } from '../../i18n/i18n.ts';
import { largest } from '../../map/overlays.ts';
import { light } from '../../theme.ts';
import { ClassLegend } from '../../ui/class-legend.tsx';
import { RampLegend } from '../../ui/ramp-legend.tsx';
import type { ToolAnswers } from '../../features/tools/use-tool.ts';
import type { UrlState } from '../../url-state.ts';
import type { Counted } from './use-counted.ts';

export interface MapLegendProps {
  state: UrlState;
  counted: Counted;
  /** Cells that a tool painted; they lie over what is counted. */
  cells: ToolAnswers['cells'];
  /** The layer that is worked with; its fields name the figures. */
  worked: string | null;
}

/** What the colours of the cells or hexagons stand for. */
export function MapLegend({ state, counted, cells, worked }: MapLegendProps) {
  const { t } = useTranslation();
  const { tool, hexagons, areas, lang } = state;
  const { answer, figures, figureText, layer, level } = counted;
  const detail = useLayerDetail(worked);
  if (cells !== null) {
    return (
      tool !== null && (
        <ClassLegend
          title={t(`tools.${tool.id}`)}
          classes={cells.classes.map(({ label, ...each }) => ({ ...each, label: t(label) }))}
          lang={lang}
        />
      )
    );
  }
  const counts = answer?.counts;
  if (counts === undefined || counts.length === 0) return null;
  const isTime = answer?.values?.some((value) => typeof value === 'string') === true;
  const legendFigures = figures && {
    classes: figures.classes,
    text: (value: number) => figureText(isTime ? new Date(value).toISOString() : value),
  };
  const name = pick(layer?.title, lang) || hexagons?.layer || areas?.layer;
  const unit = hexagons ? t('legend.hexagon') : t(`level.${level}`).toLowerCase();
  const figure = figures && answer?.metric ? metricTitle(t, answer.metric, detail.data?.fields ?? [], lang) : null;
  return (
    <RampLegend
      title={
        figure === null ? t('legend.count', { layer: name, unit }) : t('legend.figure', { layer: name, figure, unit })
      }
      figures={legendFigures}
      ramp={light.count}
      max={largest(counts)}
      lang={lang}
      hasZero={!hexagons && figures === undefined}
      hasWithheld={counts.includes(null)}
    />
  );
}
