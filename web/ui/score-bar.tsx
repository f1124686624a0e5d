/** A score of 0 to 100 as a number and a bar. One colour: how good is good is for people to say. */
export function ScoreBar({ score, label }: { score: number; label: string }) {
  return (
    <span className="om-score">
      <b>
        <span aria-hidden="true">{score.toFixed(1)}</span>
        <span className="om-hidden">{label}</span>
      </b>
      <span className="om-score-track" aria-hidden="true">
        <span style={{ width: `${Math.max(0, Math.min(100, score))}%` }} />
      </span>
    </span>
  );
}
