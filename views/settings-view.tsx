/** @jsxImportSource hono/jsx */
/** Effective settings, one table a group. */
import type { SettingRow } from "../src/projections/view-settings.ts";
import { visible } from "./format.ts";

export function SettingsView({ rows }: { readonly rows: readonly SettingRow[] }) {
  const groups = [...new Set(rows.map((row) => row.group))];
  return (
    <div class="scroll">
      <table class="settings">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody>
            {rows
              .filter((row) => row.group === group)
              .map((row) => (
                <tr>
                  <th scope="row">
                    <code>{visible(row.key)}</code>
                  </th>
                  <td>
                    <code>{visible(row.value)}</code>
                  </td>
                  <td class="quiet">{visible(row.source ?? "—")}</td>
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}
