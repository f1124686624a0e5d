import { useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { DRAW_MODES, type DrawMode, type HandMode } from '../../map/draw-mode.ts';
import type { Drawing } from '../../map/drawing.ts';
import { areaOf, lengthOf, shapeGeometry, type DrawnShape } from '../../shape.ts';
import type { PlaceNames } from '../../place-names.ts';
import { area, length } from '../../time.ts';
import { Panel } from '../../ui/panel.tsx';
import type { Language, Selection, Tool, ToolId, UrlState } from '../../url-state.ts';
import { JobList } from './job-list.tsx';
import { ToolOptions } from './tool-options.tsx';
import { ToolResult } from './tool-result.tsx';
import { useJobs } from './use-jobs.ts';
import { useHandKeys } from './use-hand-keys.ts';
import type { ToolAnswers } from './use-tool.ts';

export interface ToolsPanelProps {
  tool: Tool | null;
  shape: DrawnShape | null;
  /** The day that the map shows; null: now, which the tools are about in any case. */
  asOf: string | null;
  selection: Selection | null;
  catalogue: readonly LayerSummary[];
  /** Layers on the map. */
  shown: readonly string[];
  filterOf: (layer: string) => object | null;
  names: PlaceNames;
  lang: Language;
  answers: ToolAnswers;
  mode: HandMode | null;
  control: RefObject<Drawing | null>;
  onMode: (mode: HandMode | null) => void;
  onChange: (patch: Partial<UrlState>) => void;
  onCell: (code: string) => void;
  /** Puts a layer that was made on the map. */
  onShow: (layer: string) => void;
  onTable: (layer: string) => void;
}

/** Tools that are about one place, and those that are about an area or a line. */
const DRAWN_WITH: Record<Tool['id'], readonly DrawMode[]> = {
  inside: DRAW_MODES,
  buffer: DRAW_MODES,
  nearest: ['point'],
  reach: ['point'],
  route: ['line'],
  coverage: [],
  hotspot: [],
  correlation: [],
  measure: ['line', 'rectangle', 'polygon', 'circle'],
  overlay: DRAW_MODES,
  attach: [],
  keep: DRAW_MODES,
};

/** The shelf: what is asked about a place, along the roads, and about the whole district. */
const SHELF: readonly { title: 'place' | 'travel' | 'pattern' | 'make'; tools: readonly ToolId[] }[] = [
  { title: 'place', tools: ['inside', 'buffer', 'nearest', 'measure'] },
  { title: 'travel', tools: ['reach', 'route', 'coverage'] },
  { title: 'pattern', tools: ['hotspot', 'correlation'] },
  { title: 'make', tools: ['overlay', 'attach', 'keep'] },
];

/** Choose a tool, say what it needs, and read what it found. */
export function ToolsPanel(props: ToolsPanelProps) {
  const { tool, shape, asOf, selection, catalogue, shown, filterOf, names, lang, answers, mode, control } = props;
  const { onMode, onChange, onCell, onShow, onTable } = props;
  const { t } = useTranslation();
  const { jobs, add, settle, forget } = useJobs();
  /** What was taken away last, to be brought back. */
  const [cleared, setCleared] = useState<DrawnShape | null>(null);
  const set = (options: Record<string, string>) => {
    if (!tool) return;
    const kept = Object.entries({ ...tool.options, ...options }).filter(([, value]) => value !== '');
    onChange({ tool: { ...tool, options: Object.fromEntries(kept) } });
  };

  // What starts from the rows of a layer needs nothing drawn.
  const isOfLayer = tool?.options[tool.id === 'overlay' ? 'b' : 'from'] !== undefined;
  const modes = tool === null || isOfLayer ? [] : DRAWN_WITH[tool.id];
  const isEditable = shape !== null && modes.length > 0 && shapeGeometry(shape) !== null;
  useHandKeys(mode, isEditable, control, onMode);
  const taken = selection?.kind === 'cell' || selection?.kind === 'feature' ? selection : null;
  const canTake = taken !== null && ['inside', 'buffer', 'overlay'].includes(tool?.id ?? '');
  return (
    <Panel title={t('tools.title')} className="om-tools" canFold>
      {SHELF.map(({ title, tools }) => (
        <div key={title} className="om-shelf" role="group" aria-label={t(`tools.shelf.${title}`)}>
          <h3>{t(`tools.shelf.${title}`)}</h3>
          <div className="om-tool-choice">
            {tools.map((id) => (
              <button
                key={id}
                type="button"
                className="om-button"
                aria-pressed={tool?.id === id}
                onClick={() => {
                  onMode(null);
                  onChange({ tool: tool?.id === id ? null : { id, options: {} }, panel: 'tools' });
                }}
              >
                {t(`tools.${id}`)}
              </button>
            ))}
          </div>
        </div>
      ))}
      {tool !== null && (
        <>
          <p className="om-dim om-small">{t(`tools.${tool.id}.help`)}</p>
          {asOf !== null && tool.id !== 'measure' && <p className="om-hint">{t('time.note.tools', { day: asOf })}</p>}
          {modes.length > 0 && (
            <div className="om-draw" role="group" aria-label={t('tools.draw')}>
              {modes.map((each) => (
                <button
                  key={each}
                  type="button"
                  className="om-button"
                  aria-pressed={mode === each}
                  onClick={() => onMode(mode === each ? null : each)}
                >
                  {t(`tools.draw.${each}`)}
                </button>
              ))}
              {canTake && (
                <button
                  type="button"
                  className="om-button"
                  onClick={() => {
                    onMode(null);
                    onChange({
                      shape:
                        taken.kind === 'cell'
                          ? { kind: 'cell', code: taken.code }
                          : { kind: 'feature', layer: taken.layer, fid: Number(taken.fid) },
                    });
                  }}
                >
                  {t('tools.takeSelection')}
                </button>
              )}
            </div>
          )}
          {shape !== null && modes.length > 0 && (
            <p className="om-drawn">
              <span data-testid="tool-shape">{describe(shape)}</span>
              {isEditable && mode === null && (
                <button
                  type="button"
                  className="om-link"
                  aria-keyshortcuts="E"
                  title={`${t('tools.edit')} (E)`}
                  onClick={() => onMode('edit')}
                >
                  {t('tools.edit')}
                </button>
              )}
              <button
                type="button"
                className="om-link"
                onClick={() => {
                  onMode(null);
                  setCleared(shape);
                  onChange({ shape: null });
                }}
              >
                {t('tools.clear')}
              </button>
            </p>
          )}
          {shape === null && cleared !== null && mode === null && modes.length > 0 && (
            <p className="om-drawn">
              <span>{t('tools.cleared')}</span>
              <button type="button" className="om-link" onClick={() => onChange({ shape: cleared })}>
                {t('tools.restore')}
              </button>
            </p>
          )}
          <ToolOptions {...{ tool, shape, catalogue, shown, lang, set }} />
          <ToolResult
            key={tool.id}
            {...{ tool, shape, catalogue, shown, filterOf, names, lang, answers, set, onChange, onCell }}
            onStarted={(job, title) => add(job.id, title)}
          />
        </>
      )}
      <JobList
        {...{ jobs, lang, onShow, onTable }}
        onMade={(job, layer) => {
          settle(job.id);
          onShow(layer);
        }}
        onForget={forget}
      />
    </Panel>
  );

  function describe(drawn: DrawnShape): string {
    switch (drawn.kind) {
      case 'point':
        return `${t('tools.draw.point')} ${drawn.at.map((value) => value.toFixed(5)).join(', ')}`;
      case 'line':
        return `${t('tools.draw.line')} ${length(lengthOf(drawn.path), lang)}`;
      case 'polygon':
        return `${t('tools.draw.polygon')} ${area(areaOf(drawn.path), lang)}`;
      case 'circle':
        return t('tools.shape.circle', { radius: length(drawn.metres, lang) });
      case 'cell':
        return `${t('tools.shape.cell')} ${drawn.code}`;
      case 'feature':
        return pick(catalogue.find(({ id }) => id === drawn.layer)?.title, lang) || drawn.layer;
    }
  }
}
