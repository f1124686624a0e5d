import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LoadSummary } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime, number } from '../../time.ts';
import type { Language } from '../../url-state.ts';

export interface LoadHistoryProps {
  loads: readonly LoadSummary[];
  /** Title of a layer; null when all loads are of one. */
  titleOf: ((layer: string) => string) | null;
  selected: number | null;
  /** What is shown below the selected load. */
  children: ReactNode;
  lang: Language;
  onSelect: (load: LoadSummary) => void;
}

const PARTS = ['accepted', 'repaired', 'quarantined'] as const;

/** Loads, newest first: what was handed in and what became of it. */
export function LoadHistory({ loads, titleOf, selected, children, lang, onSelect }: LoadHistoryProps) {
  const { t } = useTranslation();
  return (
    <table className="om-table om-loads" data-testid="loads">
      <caption className="om-hidden">{t('data.loads')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('data.load')}</th>
          <th scope="col" className="om-left">
            {t('data.state')}
          </th>
          <th scope="col">{t('data.rowsIn')}</th>
          {PARTS.map((part) => (
            <th key={part} scope="col" className={part === 'repaired' ? 'om-wide' : undefined}>
              {t(`data.${part}`)}
            </th>
          ))}
          <th scope="col" className="om-wide">
            {t('data.when')}
          </th>
        </tr>
      </thead>
      <tbody>
        {loads.map((load) => (
          <Fragment key={load.id}>
            <tr aria-current={load.id === selected || undefined} data-load={load.id}>
              <th scope="row">
                <button
                  type="button"
                  className="om-quality-layer"
                  aria-expanded={load.id === selected}
                  onClick={() => onSelect(load)}
                >
                  {`#${load.id}`} {titleOf?.(load.layer) ?? load.file}
                </button>
                {load.error && <small className="om-load-error">{pick(load.error.title, lang)}</small>}
              </th>
              <td className="om-left">
                <span
                  className={`om-badge om-badge-${load.status === 'failed' ? 'failed' : load.live ? 'fresh' : 'none'}`}
                >
                  {load.live ? t('data.live') : t(`data.status.${load.status}`)}
                </span>
              </td>
              <td>{number(load.rows.in, lang)}</td>
              {PARTS.map((part) => (
                <td key={part} className={part === 'repaired' ? 'om-wide' : undefined}>
                  {number(load.rows[part], lang)}
                </td>
              ))}
              <td className="om-wide om-nowrap">{dateTime(Date.parse(load.startedAt), lang)}</td>
            </tr>
            {load.id === selected && (
              <tr className="om-quality-open">
                <td colSpan={7}>{children}</td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}
