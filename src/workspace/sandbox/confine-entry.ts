/** The entry of `__confine` when Signalbox runs under plain bun; the compiled binary's `main.ts` does the same. */
import { confineAndExec } from "./confine.ts";

confineAndExec(process.argv.slice(3));
