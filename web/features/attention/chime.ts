/** Two short tones, made by the browser itself: nothing to load. Seconds and hertz. */
const TONES = [
  { at: 0, hertz: 880 },
  { at: 0.22, hertz: 660 },
] as const;
const LENGTH = 0.2;
/** The next one is at least so much later, ms: ten red ones at once ring once. */
const PAUSE_MS = 3_000;

let context: AudioContext | null = null;
let rangAt = 0;

/** To be called by a click or a key: browsers let a page be heard only after one. */
export function allowChime(): void {
  context ??= new AudioContext();
  void context.resume();
}

/** Rings, where the page may be heard. */
export function chime(): void {
  if (context?.state !== 'running' || Date.now() - rangAt < PAUSE_MS) return;
  rangAt = Date.now();
  for (const { at, hertz } of TONES) {
    const from = context.currentTime + at;
    const tone = new OscillatorNode(context, { frequency: hertz });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.25, from + 0.02);
    volume.gain.linearRampToValueAtTime(0, from + LENGTH);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + LENGTH);
  }
}
