/**
 * Text as a box for editing can hold it without hiding a part: what cannot be seen, or would be changed by the box, stands
 * as `\uXXXX`, as it does in JSON. Reading it back gives the same text, character by character.
 */

const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2800\ufff9-\ufffb\p{Zl}\p{Zp}\p{DI}\p{Cs}]|(?! )\p{Zs}/gu;

/** JSON with every character that a person cannot see, or that changes the direction of text, written as an escape. */
export function editorJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(unseen, escaped);
}

/** A text of several lines for a box. What stands in it as an escape already is kept apart from ours by its backslash. */
export function boxText(text: string): string {
  return text.replace(/\\(?=u[0-9a-f]{4})/gi, escaped).replace(unseen, escaped);
}

/** A text for one line of a box: its own line ends are escapes too. */
export function boxLine(text: string): string {
  return boxText(text).replaceAll("\n", escaped("\n"));
}

/** The text that a box stands for. */
export function textOfBox(box: string): string {
  return box.replace(/\\u([0-9a-f]{4})/gi, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function escaped(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
