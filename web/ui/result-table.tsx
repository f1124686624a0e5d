import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TableActions } from './table-actions.tsx';
import type { Cell } from './table-text.ts';

export interface ResultColumn<Row> {
  title: string;
  text: (row: Row) => string;
  /** What goes into the file; the text when left out. */
  value?: (row: Row) => Cell;
  /** Makes the cell a button. */
  onSelect?: (row: Row) => void;
}

export interface ResultTableProps<Row> {
  caption: string;
  columns: readonly ResultColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Name of the file, without its ending. */
  name: string;
  testId?: string;
}

const FIRST = 20;
const MORE = 100;

/** What a tool has found, as text: the first rows, more on demand, all of them to take away. */
export function ResultTable<Row>({ caption, columns, rows, keyOf, name, testId }: ResultTableProps<Row>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(FIRST);
  return (
    <>
      <table className="om-table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title }) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody data-testid={testId}>
          {rows.slice(0, shown).map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, text, onSelect }) => (
                <td key={title}>
                  {onSelect ? (
                    <button type="button" className="om-link" onClick={() => onSelect(row)}>
                      {text(row)}
                    </button>
                  ) : (
                    text(row)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <button type="button" className="om-link" onClick={() => setShown(shown + MORE)}>
          {t('table.more', { shown, total: rows.length })}
        </button>
      )}
      <TableActions
        name={name}
        rows={() => [
          columns.map(({ title }) => title),
          ...rows.map((row) => columns.map(({ value, text }) => (value ?? text)(row))),
        ]}
      />
    </>
  );
}
