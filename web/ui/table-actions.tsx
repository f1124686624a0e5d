import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy-button.tsx';
import { downloadText } from './download-text.ts';
import { toCsv, toTsv, type Cell } from './table-text.ts';

/** Takes a table away: to the clipboard, or as a CSV file. `rows` begin with the titles of the columns. */
export function TableActions({ name, rows }: { name: string; rows: () => readonly (readonly Cell[])[] }) {
  const { t } = useTranslation();
  return (
    <div className="om-actions om-noprint">
      <CopyButton label={t('table.copy')} text={() => toTsv(rows())} />
      <button
        type="button"
        className="om-button"
        onClick={() => downloadText(`${name}.csv`, 'text/csv', toCsv(rows()))}
      >
        {t('table.csv')}
      </button>
    </div>
  );
}
