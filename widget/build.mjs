// Builds the two scripts that the gateway serves: dist/loader.js (stable address) and dist/window.js (named by its content).
import { build } from "esbuild";

const shared = { bundle: true, minify: true, target: ["es2022", "safari16", "firefox115"], charset: "utf8", legalComments: "none" };

await build({ ...shared, entryPoints: ["src/window.ts"], outfile: "dist/window.js", format: "iife", loader: { ".css": "text" } });
await build({ ...shared, entryPoints: ["src/loader.ts"], outfile: "dist/loader.js", format: "iife" });
