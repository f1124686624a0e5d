import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LoadDetail } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime, number, percent } from '../../time.ts';
import type { Language } from '../../url-state.ts';

const STEPS = ['fetch', 'detect', 'load', 'repair', 'index', 'publish'] as const;

/** How one load went: file, verdicts with their reasons, steps, notes. */
export function LoadFacts({ load, lang }: { load: LoadDetail; lang: Language }) {
  const { t } = useTranslation();
  const stepTitle = (step: string) => {
    const known = STEPS.find((each) => each === step);
    return known ? t(`data.step.${known}`) : step;
  };
  const rows: [string, ReactNode][] = [
    [t('data.file'), `${load.file}${load.format ? ` · ${load.format}` : ''}`],
    [t('data.when'), dateTime(Date.parse(load.startedAt), lang)],
  ];
  if (load.error) rows.push([t('data.status.failed'), pick(load.error.text ?? load.error.title, lang)]);
  if (load.encoding) {
    rows.push([
      t('data.encoding'),
      `${load.encoding} · ${t('data.confidence', { share: percent(load.encodingVerdict?.confidence ?? null, lang) })}`,
    ]);
  }
  if (load.crs) {
    rows.push([
      t('data.crs'),
      <>
        {`${load.crs.name} · ${t('data.confidence', { share: percent(load.crs.confidence, lang) })}`}
        <ul className="om-reasons">
          {load.crsVerdict?.reasons.map((reason) => (
            <li key={reason.en}>{pick(reason, lang)}</li>
          ))}
        </ul>
      </>,
    ]);
  }
  if (load.seconds !== null) {
    const slow = load.steps
      .filter(({ seconds }) => seconds > 0)
      .map(({ step, seconds }) => `${stepTitle(step)} ${number(seconds, lang, 2)} s`)
      .join(' · ');
    rows.push([
      t('data.duration'),
      <>
        {`${number(load.seconds, lang, 2)} s · ${t('data.rate', { rate: number(load.rowsPerSecond, lang) })}`}
        <small className="om-dim om-block">{slow}</small>
      </>,
    ]);
  }
  if (load.repairs.length > 0) {
    rows.push([
      t('data.repairs'),
      load.repairs.map(({ title, count }) => `${pick(title, lang)} ${number(count, lang)}`).join(' · '),
    ]);
  }
  if (load.links.length > 0) {
    rows.push([
      t('data.links'),
      <ul key="links" className="om-reasons" data-testid="load-links">
        {load.links
          .filter(({ kind }) => kind !== 'precision')
          .map((link) => (
            <li key={`${link.kind} ${link.by}`}>
              {`${pick(link.title, lang)} (${link.by}) ${percent(link.rate, lang)}`}
              <small className="om-dim">
                {` ${t('data.linkCounts', {
                  matched: number(link.matched, lang),
                  empty: number(link.empty, lang),
                  dead: number(link.dead, lang),
                  refused: number(link.refused, lang),
                })}`}
              </small>
            </li>
          ))}
      </ul>,
    ]);
  }
  if (load.notes.length > 0) rows.push([t('data.notes'), load.notes.join('; ')]);
  if (load.sha256) rows.push([t('data.sha'), <code key="sha">{load.sha256.slice(0, 16)}…</code>]);
  return (
    <dl className="om-pairs om-load-facts" data-testid="load-facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
