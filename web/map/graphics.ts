/** What draws maps in this browser. */
export interface Graphics {
  /** The processor does, for want of a graphics card: what smooths edges by drawing them four times over costs it half of a frame. */
  isSoftware: boolean;
}

const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/** Whether the name that a driver gives itself is that of a program that draws with the processor. */
export function isSoftwareName(renderer: string): boolean {
  return SOFTWARE.test(renderer);
}

/** What draws maps here; null: nothing can. The context used to find out is given back at once. */
export function findGraphics(): Graphics | null {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (gl === null) return null;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { isSoftware: isSoftwareName(renderer) };
}
