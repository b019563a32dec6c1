import { findBrowser } from "../test/support/browser.ts";
const t = Date.now(); console.log(await findBrowser(), Date.now()-t);
