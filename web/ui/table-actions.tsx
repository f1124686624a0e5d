import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy-button.tsx';
import { downloadText } from './download-text.ts';
import { toCsv, toTsv, type Cell } from './table-text.ts';

export interface TableActionsProps {
  name: string;
  /** Beginning with the titles of the columns. */
  rows: () => readonly (readonly Cell[])[];
  /** How many rows are taken, as text, where that is not all of them. */
  taken?: string | undefined;
}

/** Takes a table away: to the clipboard, or as a CSV file. */
export function TableActions({ name, rows, taken }: TableActionsProps) {
  const { t } = useTranslation();
  return (
    <div className="om-actions om-noprint">
      <CopyButton
        label={taken === undefined ? t('table.copy') : t('table.copy.some', { rows: taken })}
        text={() => toTsv(rows())}
      />
      <button
        type="button"
        className="om-button"
        onClick={() => downloadText(`${name}.csv`, 'text/csv', toCsv(rows()))}
      >
        {taken === undefined ? t('table.csv') : t('table.csv.some', { rows: taken })}
      </button>
    </div>
  );
}
