/** The program's version, from the package file, which is compiled in. */
import { version as packageVersion } from "../../package.json";

export const version: string = packageVersion;
