/** Circle, triangle, square: told apart without their colours. */
const paths = {
  green: 'M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16',
  yellow: 'M12 4l9 16H3z',
  red: 'M4 4h16v16H4z',
} as const;

/** The light of a time limit as shape and colour; give the text beside it, or a label here. */
export function LightMark({ light, label }: { light: keyof typeof paths; label?: string }) {
  return (
    <svg
      className={`om-mark om-light-${light}`}
      viewBox="0 0 24 24"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path d={paths[light]} />
    </svg>
  );
}
