/**
 * Unpacks the Chromium of `@sparticuz/chromium` into the temporary folder of this process, and ends. A process of its own,
 * because the package reads that folder, and whether to add the libraries of a bare machine, from the environment.
 */
import chromium from "@sparticuz/chromium";

await chromium.executablePath();
