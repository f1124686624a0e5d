import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  BufferAnswer,
  CorrelationAnswer,
  CoverageAnswer,
  HotspotAnswer,
  InsideReport,
  LayerSummary,
  NearestAnswer,
  ReachAnswer,
  ResultJob,
  RouteAnswer,
} from '../../../server/app.ts';
import { startResult } from '../../api/results.ts';
import { pick } from '../../i18n/i18n.ts';
import { placeText, type PlaceNames } from '../../place-names.ts';
import type { DrawnShape } from '../../shape.ts';
import { area, duration, length, number, percent } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { DownloadShapes } from '../../ui/download-shapes.tsx';
import { ResultTable } from '../../ui/result-table.tsx';
import { Scatter } from '../../ui/scatter.tsx';
import type { Language, Tool, UrlState } from '../../url-state.ts';
import { AttachForm } from './attach-form.tsx';
import { InsideReportView } from './inside-report.tsx';
import { KeepForm } from './keep-form.tsx';
import { Measures } from './measures.tsx';
import { OverlayForm } from './overlay-form.tsx';
import { SaveResult } from './save-form.tsx';
import { DEFAULT_COVERAGE, MOST_STOPS, type ToolAnswers } from './use-tool.ts';

export interface ToolResultProps {
  tool: Tool;
  shape: DrawnShape | null;
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
  lang: Language;
  answers: ToolAnswers;
  onChange: (patch: Partial<UrlState>) => void;
  /** Shows a cell on the map. */
  onCell: (code: string) => void;
  /** Layers on the map. */
  shown: readonly string[];
  filterOf: (layer: string) => object | null;
  set: (options: Record<string, string>) => void;
  /** A layer is being made. */
  onStarted: (job: ResultJob, title: string) => void;
}

/** What the tool has found, in words and as a table. */
export function ToolResult(props: ToolResultProps) {
  const { tool, shape, catalogue, lang, answers } = props;
  const { t } = useTranslation();
  const titleOf = (id: string | undefined) =>
    pick(catalogue.find((layer) => layer.id === id)?.title, lang) || (id ?? '');
  const { from, to, layer, other } = tool.options;
  const hasStart = from !== undefined || shape?.kind === 'point';
  switch (tool.id) {
    case 'inside':
      if (shape === null) return <Hint>{t('tools.drawFirst')}</Hint>;
      return (
        <Answer<InsideReport> query={answers.inside}>
          {(report) => <InsideReportView report={report} lang={lang} />}
        </Answer>
      );
    case 'buffer':
      if (shape === null && from === undefined) return <Hint>{t('tools.drawFirst')}</Hint>;
      return (
        <Answer<BufferAnswer> query={answers.buffer}>
          {(answer) => (
            <>
              <dl className="om-pairs">
                <div>
                  <dt>{t('tools.area')}</dt>
                  <dd data-testid="buffer-area">{area(answer.areaM2, lang)}</dd>
                </div>
                {from !== undefined && (
                  <div>
                    <dt>{titleOf(from)}</dt>
                    <dd>{number(answer.count, lang)}</dd>
                  </div>
                )}
              </dl>
              <DownloadShapes name="buffer" features={answer.features} />
              <Keep {...props} of={from ?? null} />
            </>
          )}
        </Answer>
      );
    case 'nearest':
      if (!hasStart) return <Hint>{t('tools.drawFirst')}</Hint>;
      if (to === undefined) return <Hint>{t('tools.nearest.choose')}</Hint>;
      return (
        <Answer<NearestAnswer> query={answers.nearest} isEmpty={({ rows }) => !rows[0]?.neighbours.length}>
          {(answer) => (
            <>
              <Nearest answer={answer} {...props} />
              <Keep {...props} of={to} />
            </>
          )}
        </Answer>
      );
    case 'reach':
      if (!hasStart) return <Hint>{t('tools.drawFirst')}</Hint>;
      return (
        <Answer<ReachAnswer> query={answers.reach}>
          {(answer) => (
            <>
              {answer.offRoad > 0 && <OffRoad count={answer.offRoad} />}
              <ResultTable
                caption={t('tools.reach.found')}
                rows={answer.areas.toSorted((a, b) => a.minutes - b.minutes)}
                keyOf={({ minutes }) => String(minutes)}
                name="reach"
                testId="reach-rows"
                columns={[
                  {
                    title: t('tools.minutes'),
                    text: ({ minutes }) => String(minutes),
                    value: ({ minutes }) => minutes,
                  },
                  {
                    title: `${t('tools.area')} (km²)`,
                    text: ({ areaM2 }) => number(areaM2 / 1e6, lang, 2),
                    value: ({ areaM2 }) => areaM2 / 1e6,
                  },
                  {
                    title: t('tools.roads'),
                    text: ({ roadMetres }) => length(roadMetres, lang),
                    value: ({ roadMetres }) => Math.round(roadMetres),
                  },
                ]}
              />
              <DownloadShapes
                name="reach"
                features={answer.areas.map(({ geometry, ...properties }) => ({
                  type: 'Feature' as const,
                  geometry,
                  properties,
                }))}
              />
              {answer.areas.some(({ geometry }) => geometry !== null) && <Keep {...props} of={from ?? null} />}
            </>
          )}
        </Answer>
      );
    case 'route':
      if (shape?.kind !== 'line') return <Hint>{t('tools.route.draw')}</Hint>;
      if (shape.path.length > MOST_STOPS) return <Hint>{t('tools.route.most', { count: MOST_STOPS })}</Hint>;
      return (
        <Answer<RouteAnswer> query={answers.route}>
          {(answer) => (
            <>
              <dl className="om-pairs" data-testid="route">
                <div>
                  <dt>{t('tools.length')}</dt>
                  <dd>{length(answer.metres, lang)}</dd>
                </div>
                <div>
                  <dt>{t('tools.time')}</dt>
                  <dd>{duration(answer.seconds * 1000, lang)}</dd>
                </div>
              </dl>
              <DownloadShapes
                name="route"
                features={[
                  {
                    type: 'Feature',
                    geometry: answer.geometry,
                    properties: { metres: answer.metres, seconds: answer.seconds },
                  },
                ]}
              />
              <Keep
                {...props}
                of={null}
                what={{
                  kind: 'shapes',
                  features: [
                    {
                      geometry: answer.geometry,
                      properties: {
                        [`${t('tools.length')} (m)`]: Math.round(answer.metres),
                        [`${t('tools.time')} (s)`]: Math.round(answer.seconds),
                      },
                    },
                  ],
                }}
              />
            </>
          )}
        </Answer>
      );
    case 'coverage':
      return (
        <Answer<CoverageAnswer> query={answers.coverage} isEmpty={({ codes }) => codes.length === 0}>
          {(answer) => (
            <>
              <Coverage answer={answer} {...props} />
              <Keep {...props} of={from ?? DEFAULT_COVERAGE} />
            </>
          )}
        </Answer>
      );
    case 'hotspot':
      if (layer === undefined) return <Hint>{t('tools.chooseLayer')}</Hint>;
      return (
        <Answer<HotspotAnswer> query={answers.hotspot} isEmpty={({ codes }) => codes.length === 0}>
          {(answer) => (
            <>
              <Hotspots answer={answer} {...props} />
              <Keep {...props} of={layer} />
            </>
          )}
        </Answer>
      );
    case 'correlation':
      if (layer === undefined || other === undefined) return <Hint>{t('tools.chooseTwo')}</Hint>;
      return (
        <Answer<CorrelationAnswer> query={answers.correlation} isEmpty={({ codes }) => codes.length === 0}>
          {(answer) => <Correlation answer={answer} titles={[titleOf(layer), titleOf(other)]} {...props} />}
        </Answer>
      );
    case 'measure':
      return <Measures shape={shape} lang={lang} />;
    case 'overlay':
      return <OverlayForm {...props} />;
    case 'attach':
      return <AttachForm {...props} />;
    case 'keep':
      return <KeepForm {...props} />;
  }
}

/** The way from an answer to a layer of one's own: the service works the same question out once more. */
function Keep(props: ToolResultProps & { of: string | null; what?: object }) {
  const { tool, shape, catalogue, lang, answers, onStarted, of, what } = props;
  const { t } = useTranslation();
  const { from, to } = tool.options;
  const title = pick(catalogue.find(({ id }) => id === of)?.title, lang);
  const used = [from, to, ...(tool.id === 'coverage' ? [of] : []), shape?.kind === 'feature' ? shape.layer : null];
  // Of hotspots only counts are kept, and those that may be shown.
  const isPersonal =
    tool.id !== 'hotspot' && used.some((id) => catalogue.find((layer) => layer.id === id)?.sensitivity === 'personal');
  return (
    <SaveResult
      suggested={title === '' ? t(`tools.${tool.id}`) : `${t(`tools.${tool.id}`)} · ${title}`}
      isPersonal={isPersonal}
      start={(words) => startResult('save', { ...words, of: what ?? { kind: tool.id, ...answers.asked } })}
      onStarted={onStarted}
    />
  );
}

function Hint({ children }: { children: ReactNode }) {
  return <p className="om-state">{children}</p>;
}

function OffRoad({ count }: { count: number }) {
  const { t } = useTranslation();
  return <p className="om-hint">{t('tools.offRoad', { count })}</p>;
}

function Nearest({ answer, lang, onChange }: { answer: NearestAnswer } & ToolResultProps) {
  const { t } = useTranslation();
  const pairs = answer.rows.flatMap((row) => row.neighbours.map((neighbour, rank) => ({ row, neighbour, rank })));
  const select = (layer: string, fid: number) =>
    onChange({ selection: { kind: 'feature', layer, fid: String(fid) }, sheet: 'detail' });
  const origin = answer.from;
  return (
    <ResultTable
      caption={t('tools.nearest.found')}
      rows={pairs}
      keyOf={({ row, neighbour }) => `${row.fid}:${neighbour.fid}`}
      name="nearest"
      testId="nearest-rows"
      columns={[
        ...(origin === null
          ? []
          : [
              {
                title: t('tools.from'),
                text: ({ row }: (typeof pairs)[number]) => row.name ?? String(row.fid),
                onSelect: ({ row }: (typeof pairs)[number]) => {
                  if (row.fid !== null) select(origin, row.fid);
                },
              },
            ]),
        {
          title: t('tools.name'),
          text: ({ neighbour }) => neighbour.name ?? String(neighbour.fid),
          onSelect: ({ neighbour }) => select(answer.to, neighbour.fid),
        },
        {
          title: t('tools.distance'),
          text: ({ neighbour }) => length(neighbour.metres, lang),
          value: ({ neighbour }) => Math.round(neighbour.metres),
        },
      ]}
    />
  );
}

/** Columns that name a cell, and lead to it. */
function cellColumns(t: TFunction, names: PlaceNames, onCell: (code: string) => void) {
  return [
    {
      title: t('analyse.unit'),
      text: ({ code }: { code: string }) => placeText(code, names),
      onSelect: ({ code }: { code: string }) => onCell(code),
    },
  ];
}

function Coverage({ answer, names, lang, onCell }: { answer: CoverageAnswer } & ToolResultProps) {
  const { t } = useTranslation();
  const rows = answer.codes
    .map((code, index) => ({ code, share: answer.shares[index] ?? 0, metres: answer.metres[index] ?? 0 }))
    .toSorted((a, b) => a.share - b.share || b.metres - a.metres);
  return (
    <>
      <p className="om-finding" data-testid="coverage-share">
        {t('tools.coverage.finding', {
          origins: number(answer.origins, lang),
          share: percent(answer.share, lang),
          none: number(rows.filter(({ share }) => share === 0).length, lang),
        })}
      </p>
      {answer.offRoad > 0 && <OffRoad count={answer.offRoad} />}
      <ResultTable
        caption={t('tools.coverage.worst')}
        rows={rows}
        keyOf={({ code }) => code}
        name="coverage"
        testId="coverage-rows"
        columns={[
          ...cellColumns(t, names, onCell),
          {
            title: t('tools.coverage.share'),
            text: ({ share }) => percent(share, lang),
            value: ({ share }) => Number(share.toFixed(4)),
          },
          {
            title: t('tools.roads'),
            text: ({ metres }) => length(metres, lang),
            value: ({ metres }) => Math.round(metres),
          },
        ]}
      />
    </>
  );
}

/** p as it is written: never nought. */
function pText(p: number, lang: Language): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${number(p, lang, 3)}`;
}

const SIGNIFICANT = 0.05;

function Hotspots({ answer, names, lang, onCell }: { answer: HotspotAnswer } & ToolResultProps) {
  const { t } = useTranslation();
  const { global, method } = answer;
  const rows = answer.codes
    .map((code, index) => ({
      code,
      value: answer.values[index] ?? 0,
      statistic: answer.statistics[index] ?? 0,
      p: answer.p[index] ?? 1,
      kind: answer.classes[index] ?? ('none' as const),
    }))
    .toSorted(
      (a, b) => Number(a.kind === 'none') - Number(b.kind === 'none') || a.p - b.p || b.statistic - a.statistic,
    );
  const countOf = (pattern: RegExp) => number(answer.classes.filter((kind) => pattern.test(kind)).length, lang);
  const isWhole = answer.values.every(Number.isInteger);
  return (
    <>
      <p className="om-finding" data-testid="hotspot-finding">
        {global === null
          ? t('tools.hotspot.same')
          : t(
              global.p > SIGNIFICANT
                ? 'tools.hotspot.random'
                : global.i > global.expected
                  ? 'tools.hotspot.clustered'
                  : 'tools.hotspot.dispersed',
              { i: number(global.i, lang, 3), z: number(global.z, lang, 1), p: pText(global.p, lang) },
            )}{' '}
        {method === 'gi'
          ? t('tools.hotspot.counted', { hot: countOf(/^hot9[59]/), cold: countOf(/^cold9[59]/) })
          : t('tools.hotspot.countedLocal', { hh: countOf(/^HH$/), ll: countOf(/^LL$/), odd: countOf(/^(HL|LH)$/) })}
      </p>
      {answer.leftOut > 0 && <p className="om-dim">{t('tools.leftOut', { count: answer.leftOut })}</p>}
      <ResultTable
        caption={t('tools.hotspot.table')}
        rows={rows}
        keyOf={({ code }) => code}
        name={`hotspot-${method}`}
        testId="hotspot-rows"
        columns={[
          ...cellColumns(t, names, onCell),
          {
            title: t('cross.value'),
            text: ({ value }) => number(value, lang, isWhole ? 0 : 1),
            value: ({ value }) => value,
          },
          {
            title: method === 'gi' ? 'z' : 'I',
            text: ({ statistic }) => number(statistic, lang, 2),
            value: ({ statistic }) => statistic,
          },
          { title: 'p', text: ({ p }) => (p < 0.001 ? '< 0.001' : number(p, lang, 3)), value: ({ p }) => p },
          { title: t('tools.class'), text: ({ kind }) => t(`tools.class.${kind}`) },
        ]}
      />
    </>
  );
}

function strengthOf(r: number): 'none' | 'weak' | 'moderate' | 'strong' {
  const size = Math.abs(r);
  if (size < 0.1) return 'none';
  if (size < 0.3) return 'weak';
  return size < 0.5 ? 'moderate' : 'strong';
}

function Correlation(props: { answer: CorrelationAnswer; titles: [string, string] } & ToolResultProps) {
  const { answer, titles, names, lang, answers, onCell } = props;
  const { t } = useTranslation();
  const { pearson, spearman, codes, a, b } = answer;
  const colors = answers.cells?.colors;
  const finding =
    pearson.r === null
      ? t('tools.correlation.constant')
      : t(
          pearson.p > SIGNIFICANT || strengthOf(pearson.r) === 'none'
            ? 'tools.correlation.none'
            : pearson.r > 0
              ? 'tools.correlation.positive'
              : 'tools.correlation.negative',
          {
            a: titles[0],
            b: titles[1],
            r: number(pearson.r, lang, 2),
            p: pText(pearson.p, lang),
            strength: t(`tools.strength.${strengthOf(pearson.r)}`),
          },
        );
  const rows = codes.map((code, index) => ({ code, a: a[index] ?? 0, b: b[index] ?? 0 })).toSorted((x, y) => y.a - x.a);
  return (
    <>
      <p className="om-finding" data-testid="correlation-finding">
        {finding}
      </p>
      <dl className="om-pairs">
        <div>
          <dt>{t('tools.correlation.pearson')}</dt>
          <dd>
            {pearson.r === null ? '–' : number(pearson.r, lang, 3)} <small>({pText(pearson.p, lang)})</small>
          </dd>
        </div>
        <div>
          <dt>{t('tools.correlation.spearman')}</dt>
          <dd>
            {spearman.r === null ? '–' : number(spearman.r, lang, 3)} <small>({pText(spearman.p, lang)})</small>
          </dd>
        </div>
        <div>
          <dt>{t('tools.correlation.n')}</dt>
          <dd>{number(answer.n, lang)}</dd>
        </div>
      </dl>
      {answer.leftOut > 0 && <p className="om-dim">{t('tools.leftOut', { count: answer.leftOut })}</p>}
      <Scatter
        {...{ a, b, lang }}
        titleA={titles[0]}
        titleB={titles[1]}
        label={finding}
        colorOf={(index) => {
          // What lies near the line would hardly be seen in the pale colour that the map has for it.
          const color = colors?.get(codes[index] ?? '');
          return color === undefined || color === '#e4e2dd' ? 'var(--om-dim)' : color;
        }}
      />
      <ResultTable
        caption={t('tools.correlation.table')}
        rows={rows}
        keyOf={({ code }) => code}
        name="correlation"
        testId="correlation-rows"
        columns={[
          ...cellColumns(t, names, onCell),
          { title: titles[0], text: (row) => number(row.a, lang), value: (row) => row.a },
          { title: titles[1], text: (row) => number(row.b, lang), value: (row) => row.b },
        ]}
      />
    </>
  );
}
