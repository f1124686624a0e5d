/** Metres of a situation card around an incident, a point or a line, unless somebody chose others. */
export const CARD_METRES = 200;
