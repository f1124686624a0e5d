import { NativeSelect, NumberInput } from '@mantine/core';
import { useEffect, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { BufferAnswer, InsideReport, LayerSummary, NearestAnswer } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { DRAW_MODES, type DrawMode } from '../../map/draw-mode.ts';
import type { Drawing } from '../../map/drawing.ts';
import { areaOf, lengthOf, type DrawnShape } from '../../shape.ts';
import { area, length, number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import { TOOLS, type Language, type Selection, type Tool, type UrlState } from '../../url-state.ts';
import { InsideReportView } from './inside-report.tsx';
import { DEFAULT_METRES, numberOption, type ToolAnswers } from './use-tool.ts';

export interface ToolsPanelProps {
  tool: Tool | null;
  shape: DrawnShape | null;
  selection: Selection | null;
  catalogue: readonly LayerSummary[];
  lang: Language;
  answers: ToolAnswers;
  mode: DrawMode | null;
  control: RefObject<Drawing | null>;
  onMode: (mode: DrawMode | null) => void;
  onChange: (patch: Partial<UrlState>) => void;
}

/** Tools that are about one place, and those that are about an area or a line. */
const DRAWN_WITH: Record<Tool['id'], readonly DrawMode[]> = {
  inside: DRAW_MODES,
  buffer: DRAW_MODES,
  nearest: ['point'],
  measure: ['line', 'rectangle', 'polygon', 'circle'],
};

/** Draw something, and ask about it. */
export function ToolsPanel(props: ToolsPanelProps) {
  const { tool, shape, selection, catalogue, lang, answers, mode, control, onMode, onChange } = props;
  const { t } = useTranslation();
  const set = (options: Record<string, string>) => {
    if (tool) onChange({ tool: { ...tool, options: { ...tool.options, ...options } } });
  };

  useEffect(() => {
    if (mode === null) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        // Only the drawing ends: what is selected stays.
        event.preventDefault();
        onMode(null);
      } else if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        control.current?.undo();
      }
    };
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [mode, control, onMode]);

  const modes = tool === null ? [] : DRAWN_WITH[tool.id];
  const taken = selection?.kind === 'cell' || selection?.kind === 'feature' ? selection : null;
  const canTake = taken !== null && (tool?.id === 'inside' || tool?.id === 'buffer');
  return (
    <Panel title={t('tools.title')} className="om-tools" canFold>
      <div className="om-tool-choice" role="group" aria-label={t('tools.title')}>
        {TOOLS.map((id) => (
          <button
            key={id}
            type="button"
            className="om-button"
            aria-pressed={tool?.id === id}
            onClick={() => {
              onMode(null);
              onChange({ tool: tool?.id === id ? null : { id, options: {} } });
            }}
          >
            {t(`tools.${id}`)}
          </button>
        ))}
      </div>
      {tool !== null && (
        <>
          <p className="om-dim om-small">{t(`tools.${tool.id}.help`)}</p>
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
          {mode !== null && (
            <p className="om-drawing" role="status">
              {t(`tools.drawing.${mode}`)}
              <span>
                <button type="button" className="om-link" onClick={() => control.current?.undo()}>
                  {t('tools.undo')}
                </button>
                <button type="button" className="om-link" onClick={() => onMode(null)}>
                  {t('tools.cancel')}
                </button>
              </span>
            </p>
          )}
          {shape !== null && modes.length > 0 && (
            <p className="om-drawn">
              <span data-testid="tool-shape">{describe(shape)}</span>
              <button type="button" className="om-link" onClick={() => onChange({ shape: null })}>
                {t('tools.clear')}
              </button>
            </p>
          )}
          <Options {...{ tool, shape, catalogue, lang, set }} />
          <Result {...{ tool, shape, catalogue, lang, answers, onChange }} />
        </>
      )}
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
        return `${t('tools.draw.circle')} r = ${length(drawn.metres, lang)}`;
      case 'cell':
        return `${t('tools.shape.cell')} ${drawn.code}`;
      case 'feature':
        return pick(catalogue.find(({ id }) => id === drawn.layer)?.title, lang) || drawn.layer;
    }
  }
}

/** What else the tool wants to know. */
function Options(props: {
  tool: Tool;
  shape: DrawnShape | null;
  catalogue: readonly LayerSummary[];
  lang: Language;
  set: (options: Record<string, string>) => void;
}) {
  const { tool, shape, catalogue, lang, set } = props;
  const { t } = useTranslation();
  const needsMetres =
    tool.id === 'buffer' ||
    (tool.id === 'inside' && shape !== null && ['point', 'line', 'feature'].includes(shape.kind));
  return (
    <>
      {needsMetres && (
        <NumberInput
          size="xs"
          label={t('tools.metres')}
          min={1}
          max={20_000}
          step={100}
          allowDecimal={false}
          value={numberOption(tool, 'm', DEFAULT_METRES)}
          onChange={(value) => {
            if (typeof value === 'number' && value >= 1 && value <= 20_000) set({ m: String(value) });
          }}
        />
      )}
      {tool.id === 'nearest' && (
        <>
          <NativeSelect
            size="xs"
            label={t('tools.nearest.to')}
            value={tool.options['to'] ?? ''}
            data={[
              { value: '', label: t('analyse.choose') },
              ...catalogue
                .filter(({ geometry, load }) => geometry !== 'raster' && load !== null)
                .map(({ id, title }) => ({ value: id, label: pick(title, lang) })),
            ]}
            onChange={(event) => set({ to: event.currentTarget.value })}
          />
          <NumberInput
            size="xs"
            label={t('tools.nearest.count')}
            min={1}
            max={50}
            allowDecimal={false}
            value={numberOption(tool, 'n', 5)}
            onChange={(value) => {
              if (typeof value === 'number' && value >= 1 && value <= 50) set({ n: String(value) });
            }}
          />
        </>
      )}
    </>
  );
}

function Result(props: {
  tool: Tool;
  shape: DrawnShape | null;
  catalogue: readonly LayerSummary[];
  lang: Language;
  answers: ToolAnswers;
  onChange: (patch: Partial<UrlState>) => void;
}) {
  const { tool, shape, lang, answers, onChange } = props;
  const { t } = useTranslation();
  switch (tool.id) {
    case 'inside':
      if (shape === null) return <p className="om-state">{t('tools.drawFirst')}</p>;
      return (
        <Answer<InsideReport> query={answers.inside}>
          {(report) => <InsideReportView report={report} lang={lang} />}
        </Answer>
      );
    case 'buffer':
      if (shape === null) return <p className="om-state">{t('tools.drawFirst')}</p>;
      return (
        <Answer<BufferAnswer> query={answers.buffer}>
          {(answer) => (
            <dl className="om-pairs">
              <div>
                <dt>{t('tools.area')}</dt>
                <dd data-testid="buffer-area">{area(answer.areaM2, lang)}</dd>
              </div>
            </dl>
          )}
        </Answer>
      );
    case 'nearest':
      if (shape?.kind !== 'point') return <p className="om-state">{t('tools.drawFirst')}</p>;
      if (!tool.options['to']) return <p className="om-state">{t('tools.nearest.choose')}</p>;
      return (
        <Answer<NearestAnswer> query={answers.nearest} isEmpty={({ rows }) => !rows[0]?.neighbours.length}>
          {({ rows, to }) => (
            <table className="om-table">
              <caption>{t('tools.nearest.found')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('tools.name')}</th>
                  <th scope="col">{t('tools.distance')}</th>
                </tr>
              </thead>
              <tbody data-testid="nearest-rows">
                {(rows[0]?.neighbours ?? []).map(({ fid, name, metres }) => (
                  <tr key={fid}>
                    <td>
                      <button
                        type="button"
                        className="om-link"
                        onClick={() => onChange({ selection: { kind: 'feature', layer: to, fid: String(fid) } })}
                      >
                        {name ?? fid}
                      </button>
                    </td>
                    <td>{length(metres, lang)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Answer>
      );
    case 'measure':
      return <Measures shape={shape} lang={lang} />;
  }
}

/** Length and area of what was drawn, on the ellipsoid. */
function Measures({ shape, lang }: { shape: DrawnShape | null; lang: Language }) {
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
