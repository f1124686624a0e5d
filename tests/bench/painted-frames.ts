import type { Layer } from '@deck.gl/core';

declare global {
  interface Window {
    /** What `watchFrames` has seen. */
    frameWatch?: {
      /** Id of an incident -> when the first frame with its mark was complete, ms since 1970. */
      drawn(): [id: number, at: number][];
      /** Complete frames so far. */
      frames(): number;
    };
  }
}

/**
 * Runs in the page (so it must stand on its own): notes which incidents the map is handed, and, of the next frame that is
 * drawn, when the graphics had executed it (a fence, not just that the commands were sent) and the page came round to its next
 * frame. What the compositor takes after that, a frame at most, is not in it.
 */
export function watchFrames(): void {
  const map = window.oneMap;
  if (!map) throw new Error('no map');
  const drawn = new Map<number, number>();
  let handed: number[] = [];
  let frames = 0;
  const setProps = map.over.setProps.bind(map.over);
  map.over.setProps = (props) => {
    const layers = (props.layers ?? []) as Layer[];
    for (const { id, props: given } of layers) {
      if (id !== 'incidents') continue;
      const marks = (given as unknown as { data: readonly { id: number }[] }).data;
      handed = marks.map((mark) => mark.id).filter((mark) => !drawn.has(mark));
    }
    setProps(props);
  };
  map.drawn = (gl) => {
    const ids = handed;
    handed = [];
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const look = (): void => {
      if (fence && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) return void setTimeout(look, 2);
      gl.deleteSync(fence);
      requestAnimationFrame(() => {
        const now = Date.now();
        frames += 1;
        for (const id of ids) if (!drawn.has(id)) drawn.set(id, now);
      });
    };
    setTimeout(look, 0);
  };
  window.frameWatch = { drawn: () => [...drawn], frames: () => frames };
}
