/** What kind of fault a code is, as a shape and a neutral colour: colours of severity are not for paperwork. */
export const FAULT_FAMILIES = ['value', 'key', 'link', 'place', 'other'] as const;
export type FaultFamily = (typeof FAULT_FAMILIES)[number];

const FAMILY_OF: Record<string, FaultFamily> = {
  MISSING_REQUIRED: 'value',
  BAD_TYPE: 'value',
  BAD_VALUE: 'value',
  OUT_OF_RANGE: 'value',
  BAD_PATTERN: 'value',
  BAD_CHECKSUM: 'value',
  SCIENTIFIC_NOTATION: 'value',
  MOJIBAKE: 'value',
  TEXT_TOO_LONG: 'value',
  FUTURE_DATE: 'value',
  DATE_ORDER: 'value',
  DUPLICATE_KEY: 'key',
  NOT_UNIQUE: 'key',
  UNKNOWN_REFERENCE: 'link',
  GRID_MISMATCH: 'link',
  BAD_GEOMETRY: 'place',
  WRONG_GEOMETRY_KIND: 'place',
  OUTSIDE_DISTRICT: 'place',
  SWAPPED_AXES: 'place',
  BAD_COORDINATES: 'place',
  ZERO_COORDINATES: 'place',
  COARSE_COORDINATES: 'place',
  DUPLICATE_GEOMETRY: 'place',
};

export function familyOf(code: string): FaultFamily {
  return FAMILY_OF[code] ?? 'other';
}

/** SVG path data in a box of 24 × 24: square, diamond, triangle, cross, circle. */
export const familyPath: Record<FaultFamily, string> = {
  value: 'M4 4h16v16H4z',
  key: 'M12 1.5 22.5 12 12 22.5 1.5 12z',
  link: 'M12 2.5 22.5 21h-21z',
  place: 'M8.5 2h7v6.5H22v7h-6.5V22h-7v-6.5H2v-7h6.5z',
  other: 'M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18z',
};

/** Place in the palette's `series`. */
export const familySeries: Record<FaultFamily, number> = { value: 0, key: 2, link: 1, place: 4, other: 3 };

export function RejectMark({ family }: { family: FaultFamily }) {
  return (
    <svg className="om-mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d={familyPath[family]} fill={`var(--om-series-${familySeries[family]})`} />
    </svg>
  );
}
