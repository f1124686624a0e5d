import type { ReactNode } from 'react';

export interface PanelProps {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Accessible name when the title is not plain text. */
  label?: string;
}

/** A titled section of a view. */
export function Panel({ title, aside, children, className, label }: PanelProps) {
  return (
    <section
      className={`om-panel ${className ?? ''}`}
      aria-label={label ?? (typeof title === 'string' ? title : undefined)}
    >
      <header className="om-panel-head">
        <h2>{title}</h2>
        {aside !== undefined && <div className="om-panel-aside">{aside}</div>}
      </header>
      <div className="om-panel-body">{children}</div>
    </section>
  );
}
