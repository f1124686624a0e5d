import type { ReactNode } from 'react';

export interface BarItem {
  key: string;
  label: ReactNode;
  value: number;
  /** The number as people read it. */
  text: string;
  note?: string | undefined;
  onSelect?: (() => void) | undefined;
}

/** A ranking: name, bar, number. A list, not a picture: every value is text. */
export function BarList({ items, label, tone = 0 }: { items: readonly BarItem[]; label: string; tone?: number }) {
  const most = items.reduce((max, item) => Math.max(max, item.value), 1);
  return (
    <ol className="om-bars" aria-label={label}>
      {items.map((item) => {
        const content = (
          <>
            <span className="om-bar-label">{item.label}</span>
            <span className="om-bar-value">
              {item.text}
              {item.note && <small>{item.note}</small>}
            </span>
            <span className="om-bar-track" aria-hidden="true">
              <span style={{ width: `${(100 * item.value) / most}%`, background: `var(--om-series-${tone})` }} />
            </span>
          </>
        );
        return (
          <li key={item.key}>
            {item.onSelect ? (
              <button type="button" className="om-bar" onClick={item.onSelect}>
                {content}
              </button>
            ) : (
              <div className="om-bar">{content}</div>
            )}
          </li>
        );
      })}
    </ol>
  );
}
