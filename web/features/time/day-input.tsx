import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Nothing was kept before. */
const FIRST_DAY = '2000-01-01';

export interface DayInputProps {
  /** `YYYY-MM-DD`; null: no day. */
  value: string | null;
  /** The last day that can be chosen. */
  last: string;
  onChange: (day: string | null) => void;
}

/** A day, typed or picked. A year that is typed digit by digit is no day yet, and one to come cannot be shown. */
export function DayInput({ value, last, onChange }: DayInputProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value ?? '');
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setTyped(value ?? '');
  }
  return (
    <>
      <input
        type="date"
        min={FIRST_DAY}
        max={last}
        value={typed}
        onChange={(event) => {
          const { value: day, validity } = event.currentTarget;
          setTyped(day);
          if (day === '') onChange(null);
          else if (validity.valid) onChange(day);
        }}
      />
      {typed > last && (
        <span className="om-problem" role="alert">
          {t('time.asOf.future')}
        </span>
      )}
    </>
  );
}
