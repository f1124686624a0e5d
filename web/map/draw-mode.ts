/** What can be drawn by hand. Apart from `drawing.ts`, which brings the drawing library along. */
export const DRAW_MODES = ['point', 'line', 'rectangle', 'polygon', 'circle'] as const;
export type DrawMode = (typeof DRAW_MODES)[number];
/** What hands do on the map: draw something, or change what was drawn. */
export type HandMode = DrawMode | 'edit';
