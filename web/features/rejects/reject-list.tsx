import { useTranslation } from 'react-i18next';
import type { RejectedRow } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { familyOf, RejectMark } from '../../ui/reject-mark.tsx';
import type { Language } from '../../url-state.ts';

export interface RejectListProps {
  rows: readonly RejectedRow[];
  selected: number | null;
  lang: Language;
  onSelect: (row: RejectedRow | null) => void;
  onShow: (row: RejectedRow) => void;
}

/** Rows that were set aside: line, what is wrong, and opened the row as it came, masked. */
export function RejectRows({ rows, selected, lang, onSelect, onShow }: RejectListProps) {
  return (
    <ol className="om-rejects" data-testid="rejects">
      {rows.map((row) => (
        <Reject
          key={row.id}
          row={row}
          isOpen={row.id === selected}
          lang={lang}
          onToggle={() => onSelect(row.id === selected ? null : row)}
          onShow={() => onShow(row)}
        />
      ))}
    </ol>
  );
}

function Reject(props: {
  row: RejectedRow;
  isOpen: boolean;
  lang: Language;
  onToggle: () => void;
  onShow: () => void;
}) {
  const { row, isOpen, lang, onToggle, onShow } = props;
  const { t } = useTranslation();
  return (
    <li>
      <button type="button" className="om-reject" aria-expanded={isOpen} onClick={onToggle}>
        <RejectMark family={familyOf(row.code)} />
        <span className="om-reject-line">
          {row.line === null ? t('data.noLine') : t('data.line', { line: row.line })}
        </span>
        <span className="om-reject-text">
          {row.field && `${pick(row.field.title, lang)}: `}
          {pick(row.message, lang)}
          {row.value !== null && <small>{`${t('data.found')} ${row.value}`}</small>}
        </span>
      </button>
      {isOpen && (
        <div className="om-reject-open">
          <table className="om-table">
            <caption>{t('data.raw')}</caption>
            <thead className="om-hidden">
              <tr>
                <th scope="col">{t('data.column')}</th>
                <th scope="col">{t('data.cell')}</th>
              </tr>
            </thead>
            <tbody>
              {row.raw.map(({ column, value }) => (
                <tr key={column}>
                  <th scope="row">{column}</th>
                  <td>{value ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {row.place ? (
            <button type="button" className="om-link" onClick={onShow}>
              {t('data.showPlace')}
            </button>
          ) : (
            <p className="om-dim om-small">{t('data.noPlace')}</p>
          )}
        </div>
      )}
    </li>
  );
}
