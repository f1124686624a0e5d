import { useTranslation } from 'react-i18next';

const SHEETS = ['map', 'layers', 'analyse', 'detail'] as const;
export type Sheet = (typeof SHEETS)[number];

/** The sheet that an address names, on screens with room for one only. */
export function sheetOf(name: string | null): Sheet {
  return SHEETS.find((item) => item === name) ?? 'map';
}

export interface SheetsProps {
  sheet: Sheet;
  hasDetail: boolean;
  onChange: (sheet: Sheet) => void;
}

/** Choice of the sheet. */
export function Sheets({ sheet, hasDetail, onChange }: SheetsProps) {
  const { t } = useTranslation();
  return (
    <nav className="om-sheets" aria-label={t('app.views')}>
      {SHEETS.filter((item) => item !== 'detail' || hasDetail).map((item) => (
        <button key={item} type="button" aria-pressed={sheet === item} onClick={() => onChange(item)}>
          {t(`plan.sheet.${item}`)}
        </button>
      ))}
    </nav>
  );
}
