import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttachCounts } from '../../../server/app.ts';
import { useLeftOut } from '../../api/results.ts';
import { number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { parseCsv } from '../../ui/table-text.ts';
import type { Language } from '../../url-state.ts';

const FIRST = 20;

/** Which rows of the table were matched, and every one that was not. */
export function AttachReport(props: { counts: AttachCounts; leftOut: string | null; lang: Language }) {
  const { counts, leftOut, lang } = props;
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const rest = useLeftOut(isOpen ? leftOut : null);
  const pairs = [
    ['attach.matched', counts.matched],
    ['attach.unmatched', counts.unmatched],
    ['attach.duplicate', counts.duplicate],
    ['attach.empty', counts.empty],
  ] as const;
  return (
    <div data-testid="attach-report">
      <p className="om-small">
        {t('attach.found', {
          code: counts.code,
          level: t(`level.${counts.level}`),
          value: counts.value ?? t('attach.noValue'),
        })}
      </p>
      <dl className="om-pairs">
        <div>
          <dt>{t('attach.rows')}</dt>
          <dd>{number(counts.rows, lang)}</dd>
        </div>
        {pairs
          .filter(([key, count]) => key === 'attach.matched' || count > 0)
          .map(([key, count]) => (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>{number(count, lang)}</dd>
            </div>
          ))}
        <div>
          <dt>{t('attach.missing')}</dt>
          <dd>
            {number(counts.missing, lang)} <small>/ {number(counts.boundaries, lang)}</small>
          </dd>
        </div>
      </dl>
      {leftOut !== null && (
        <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
          <summary>{t('attach.leftOut', { count: counts.rows - counts.matched })}</summary>
          {isOpen && <Answer<string> query={rest}>{(text) => <LeftOut text={text} />}</Answer>}
          <a className="om-link" href={leftOut} download="left-out.csv">
            {t('table.csv')}
          </a>
        </details>
      )}
    </div>
  );
}

function LeftOut({ text }: { text: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(FIRST);
  const [head = [], ...rows] = parseCsv(text);
  return (
    <div className="om-left-out">
      <table className="om-table">
        <thead>
          <tr>
            {head.map((title, index) => (
              <th scope="col" key={index}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <button type="button" className="om-link" onClick={() => setShown(shown + 5 * FIRST)}>
          {t('table.more', { shown, total: rows.length })}
        </button>
      )}
    </div>
  );
}
