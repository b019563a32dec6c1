/** Colours of the terminal, or none. */

type Colour = (text: string) => string;

export interface Paint {
  readonly bold: Colour;
  readonly dim: Colour;
  readonly red: Colour;
  readonly green: Colour;
  readonly yellow: Colour;
}

/** The colours when the terminal has them; else every colour leaves the text as it is. */
export function painter(hasColour: boolean): Paint {
  const colour = (on: number, off: number): Colour => (hasColour ? (text) => `\x1b[${on}m${text}\x1b[${off}m` : plain);
  return {
    bold: colour(1, 22),
    dim: colour(2, 22),
    red: colour(31, 39),
    green: colour(32, 39),
    yellow: colour(33, 39),
  };
}

function plain(text: string): string {
  return text;
}
