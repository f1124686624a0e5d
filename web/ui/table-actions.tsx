import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { downloadText } from './download-text.ts';
import { toCsv, toTsv, type Cell } from './table-text.ts';

/** How long it is said that the table was copied, ms. */
const SAID_MS = 2_000;

/** Takes a table away: to the clipboard, or as a CSV file. `rows` begin with the titles of the columns. */
export function TableActions({ name, rows }: { name: string; rows: () => readonly (readonly Cell[])[] }) {
  const { t } = useTranslation();
  const [isCopied, setIsCopied] = useState(false);
  return (
    <div className="om-actions om-noprint">
      {/* Without a secure origin there is no clipboard. */}
      {navigator.clipboard && (
        <button
          type="button"
          className="om-button"
          onClick={() => {
            void navigator.clipboard.writeText(toTsv(rows())).then(() => {
              setIsCopied(true);
              setTimeout(() => setIsCopied(false), SAID_MS);
            });
          }}
        >
          <span role="status">{isCopied ? t('share.copied') : t('table.copy')}</span>
        </button>
      )}
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
