/**
 * Lets circles grow and fade on the GPU while they are young. A frame is asked for only while `pulseActive`: a wall without
 * news costs nothing.
 */
import { LayerExtension, type Layer, type UpdateParameters } from '@deck.gl/core';
import { wakeDeck } from './deck-frames.ts';

/** Some 25 frames a second are smooth enough for a ring that grows slowly, and leave the wall's graphics cool. */
const FRAME_MS = 40;
/** A machine that does not keep up is asked for this many times less than it manages: marks that are new come first. */
const RESPITE = 2;
const SLOWEST_MS = 500;

const uniforms = 'layout(std140) uniform pulseUniforms {\n  float now;\n  float period;\n  float life;\n} pulse;';

const pulseModule = {
  name: 'pulse',
  vs: uniforms,
  fs: uniforms,
  uniformTypes: { now: 'f32', period: 'f32', life: 'f32' },
} as const;

export interface PulseProps {
  /** Seconds since the page's time origin when the item was born. */
  getBirth?: (item: never) => number;
  /** Seconds from one ring to the next. */
  pulsePeriod?: number;
  /** Seconds after which an item no longer pulses. */
  pulseLife?: number;
  pulseActive?: boolean;
}

export class PulseExtension extends LayerExtension {
  static override extensionName = 'PulseExtension';
  static override defaultProps = {
    getBirth: { type: 'accessor', value: 0 },
    pulsePeriod: 1.8,
    pulseLife: 20,
    pulseActive: true,
  };

  override getShaders() {
    return {
      modules: [pulseModule],
      inject: {
        'vs:#decl': 'in float instanceBirth;\nout float vPulse;',
        'vs:DECKGL_FILTER_SIZE': `
          float age = pulse.now - instanceBirth;
          float phase = fract(age / pulse.period);
          vPulse = (1.0 - phase) * clamp(1.0 - age / pulse.life, 0.0, 1.0);
          size *= 0.3 + 0.7 * phase;`,
        'fs:#decl': 'in float vPulse;',
        'fs:DECKGL_FILTER_COLOR': 'color.a *= vPulse;',
      },
    };
  }

  override initializeState(this: Layer) {
    this.getAttributeManager()?.addInstanced({ instanceBirth: { size: 1, accessor: 'getBirth' } });
  }

  override draw(this: Layer<PulseProps>) {
    const { pulsePeriod = 1.8, pulseLife = 20, pulseActive } = this.props;
    this.setShaderModuleProps({ pulse: { now: performance.now() / 1000, period: pulsePeriod, life: pulseLife } });
    const state = this.state as {
      pulseTimer?: ReturnType<typeof setTimeout> | undefined;
      /** When a frame was asked for, ms. */
      pulseAsked?: number | undefined;
    };
    if (!pulseActive || state.pulseTimer !== undefined) return;
    const took = state.pulseAsked === undefined ? 0 : performance.now() - state.pulseAsked;
    state.pulseAsked = undefined;
    state.pulseTimer = setTimeout(
      () => {
        state.pulseTimer = undefined;
        state.pulseAsked = performance.now();
        if (!this.internalState) return;
        this.setNeedsRedraw();
        wakeDeck();
      },
      Math.min(SLOWEST_MS, Math.max(FRAME_MS, RESPITE * took)),
    );
  }

  override updateState(this: Layer, _parameters: UpdateParameters<Layer>) {}
}
