/**
 * What a terminal would show of a command's output: pieces of text with their colours as class names. Everything else that a
 * terminal obeys is dropped, a line that was written over keeps its last state, and no control character is left.
 * Source of the sequences: ECMA-48 (5th edition), sections 5.4 and 8.3.117.
 */

export interface AnsiSpan {
  readonly text: string;
  /** Class names with blanks between them; empty for plain text. */
  readonly classes: string;
}

interface Style {
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
  readonly isStruck: boolean;
  readonly isInverse: boolean;
  /** One of the 16 colours of a terminal; null for its usual one. */
  readonly ink: number | null;
  readonly ground: number | null;
}

const plain: Style = {
  isBold: false,
  isDim: false,
  isItalic: false,
  isUnderlined: false,
  isStruck: false,
  isInverse: false,
  ink: null,
  ground: null,
};

/** In this order: a control sequence (CSI), a string (OSC, DCS, SOS, PM, APC) with its end, another escape, any other control. */
const sequence =
  /(?:\u001b\[|\u009b)([0-?]*)([ -/]*)([@-~]?)|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?|\r+(?=\n)|\r|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** The output in pieces of one look each; their texts together are the output as it would be read. */
export function ansiSpans(output: string): readonly AnsiSpan[] {
  const screen = new Screen();
  let style = plain;
  let at = 0;
  for (const match of output.matchAll(sequence)) {
    screen.write(output.slice(at, match.index), style);
    at = match.index + match[0].length;
    const [whole, parameters = "", between, final] = match;
    if (final === "m" && between === "" && /^[\d;:]*$/.test(parameters)) style = styled(style, parameters);
    else if (whole === "\r") screen.returnCarriage();
  }
  screen.write(output.slice(at), style);
  return screen.spans;
}

/** The same without its looks. */
export function ansiText(output: string): string {
  return ansiSpans(output)
    .map(({ text }) => text)
    .join("");
}

/** Text as it is written, line by line: what comes after a carriage return takes the place of its line. */
class Screen {
  readonly spans: AnsiSpan[] = [];
  #lineStart = 0;
  #isReturned = false;

  write(text: string, style: Style): void {
    if (text === "") return;
    if (this.#isReturned && !text.startsWith("\n")) this.spans.length = this.#lineStart;
    this.#isReturned = false;
    const classes = classesOf(style);
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) {
      this.#add(text.slice(0, end), classes);
      this.#lineStart = this.spans.length;
    }
    if (end < text.length) this.#add(text.slice(end), classes);
  }

  returnCarriage(): void {
    this.#isReturned = true;
  }

  #add(text: string, classes: string): void {
    const last = this.spans.at(-1);
    // A finished line is never joined with the next one: that one may yet be written over.
    const isJoined = last?.classes === classes && this.spans.length > this.#lineStart;
    if (isJoined && last) this.spans[this.spans.length - 1] = { text: last.text + text, classes };
    else this.spans.push({ text, classes });
  }
}

function classesOf(style: Style): string {
  const ink = style.isInverse ? style.ground : style.ink;
  const names = [
    style.isBold && "ansi-bold",
    style.isDim && "ansi-dim",
    style.isItalic && "ansi-italic",
    style.isUnderlined && "ansi-underline",
    style.isStruck && "ansi-strike",
    ink !== null && `ansi-${ink}`,
    (style.isInverse || style.ground !== null) && "ansi-ground",
  ];
  return names.filter((name) => name !== false).join(" ");
}

/** The style after a "select graphic rendition"; what it does not know changes nothing. */
function styled(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  let style = before;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code !== 38 && code !== 48) {
      style = { ...style, ...changeOf(code) };
      continue;
    }
    const [mode, ...values] = codes.slice(index + 1, index + 5);
    const colour = mode === 5 ? indexed(values[0] ?? 0) : mode === 2 ? nearest(values) : null;
    index += mode === 5 ? 2 : mode === 2 ? 4 : 0;
    style = { ...style, [code === 38 ? "ink" : "ground"]: colour };
  }
  return style;
}

function changeOf(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { ink: code - 30 };
  if (code >= 90 && code <= 97) return { ink: code - 82 };
  if (code >= 40 && code <= 47) return { ground: code - 40 };
  if (code >= 100 && code <= 107) return { ground: code - 92 };
  return changes[code] ?? {};
}

const changes: Readonly<Record<number, Partial<Style>>> = {
  0: plain,
  1: { isBold: true },
  2: { isDim: true },
  3: { isItalic: true },
  4: { isUnderlined: true },
  7: { isInverse: true },
  9: { isStruck: true },
  22: { isBold: false, isDim: false },
  23: { isItalic: false },
  24: { isUnderlined: false },
  27: { isInverse: false },
  29: { isStruck: false },
  39: { ink: null },
  49: { ground: null },
};

/** One of 256 colours as one of 16: the first are those, then a cube of 6 × 6 × 6, then greys. */
function indexed(colour: number): number {
  if (colour < 16) return colour;
  if (colour >= 232) return nearest(Array(3).fill(8 + (colour - 232) * 10));
  const cube = colour - 16;
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  return nearest([level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]);
}

/** A mix of red, green and blue (0 to 255 each) as the one of 16 that has the same parts. */
function nearest([red = 0, green = 0, blue = 0]: readonly number[]): number {
  const brightest = Math.max(red, green, blue);
  const isGrey = brightest - Math.min(red, green, blue) < 40;
  if (isGrey) return brightest < 64 ? 0 : brightest < 160 ? 8 : brightest < 224 ? 7 : 15;
  const has = (part: number) => (part > brightest * 0.6 ? 1 : 0);
  return has(red) + 2 * has(green) + 4 * has(blue) + (brightest > 200 ? 8 : 0);
}
