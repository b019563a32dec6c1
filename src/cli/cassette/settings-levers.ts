/** Changes of a run's settings, as levers of a cassette: by a person while it ran, or by a start that went on with others. */
import type { Event } from "../../domain/event.ts";
import { type LeverLine, RecordedSettings } from "../../simulator/cassette.ts";

/** The keys of the config file that a replay takes from its recording. */
const taken = /^(?:tiers|workers|review|gates\.level|budget|context)\b/;

export class SettingsLevers {
  #known: string | null = null;

  /** The lever that an event tells of; none where what a replay takes stays as it was, and for the first settings. */
  take(event: Event): LeverLine[] {
    if (event.type !== "settings.applied") return [];
    const settings = RecordedSettings.parse(event.settings);
    const known = this.#known;
    this.#known = JSON.stringify(settings);
    if (known === null || known === this.#known) return [];
    const changes = (event.changes ?? []).filter(({ key }) => taken.test(key));
    return [
      { type: "lever", command: { type: "change_settings", settings, changes, by: event.by ?? "a later start" } },
    ];
  }
}
