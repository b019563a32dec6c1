/** Rows of text as aligned columns. Pure. */

/** Aligns each column to its widest cell; the last column is not padded. Columns named in `right` align right. */
export function textTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, Bun.stringWidth(cell));
    });
  }
  const lines = rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, right.includes(column))));
  return lines.map((cells) => `  ${cells.join("  ")}`.trimEnd()).join("\n");
}

function pad(cell: string, width: number, isRight: boolean): string {
  const space = " ".repeat(Math.max(0, width - Bun.stringWidth(cell)));
  return isRight ? space + cell : cell + space;
}

/** Money as people read it; "unpriced" where no call has a price. */
export function moneyText(costUsd: number | null): string {
  return costUsd === null ? "unpriced" : `$${costUsd.toFixed(costUsd < 1 ? 4 : 2)}`;
}
