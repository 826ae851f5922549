// Fail the build when the first load or a lazy chunk is heavier than promised.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const OUT = join(import.meta.dirname, "../../src/dyntables/server/static");
const FIRST_LOAD = 260 * 1024;
const LAZY_CHUNK = 160 * 1024;

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  css?: string[];
}

const manifest = JSON.parse(readFileSync(join(OUT, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;
const sizes = new Map<string, number>();

function size(file: string): number {
  const known = sizes.get(file);
  if (known !== undefined) return known;
  const bytes = readFileSync(join(OUT, file));
  const compressed = file.endsWith(".woff2") ? bytes.length : gzipSync(bytes, { level: 9 }).length;
  sizes.set(file, compressed);
  return compressed;
}

function closure(key: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (chunk === undefined || seen.has(key)) return seen;
  seen.add(key);
  chunk.imports?.forEach((next) => closure(next, seen));
  return seen;
}

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry);
if (entry === undefined) throw new Error("the manifest has no entry");

const first = new Set<string>(["index.html"]);
for (const key of closure(entry)) {
  const chunk = manifest[key];
  if (chunk === undefined) continue;
  first.add(chunk.file);
  chunk.css?.forEach((file) => first.add(file));
}
// The Latin part of the text font is always fetched.
readdirSync(join(OUT, "assets"))
  .filter((file) => file.startsWith("inter-latin-wght-normal"))
  .forEach((file) => first.add(`assets/${file}`));

const total = [...first].reduce((sum, file) => sum + size(file), 0);
const failures: string[] = [];
console.log(`first load: ${kib(total)} of ${kib(FIRST_LOAD)} gzip (${first.size} files)`);
if (total > FIRST_LOAD) failures.push(`first load ${kib(total)}`);

const lazy = Object.values(manifest)
  .map((chunk) => chunk.file)
  .filter((file) => file.endsWith(".js") && !first.has(file))
  .map((file) => ({ file, bytes: size(file) }))
  .sort((a, b) => b.bytes - a.bytes);
for (const { file, bytes } of lazy.slice(0, 5)) console.log(`lazy chunk: ${kib(bytes)} ${file}`);
for (const { file, bytes } of lazy) if (bytes > LAZY_CHUNK) failures.push(`${file} ${kib(bytes)}`);

if (failures.length > 0) {
  console.error(`over budget: ${failures.join(", ")}`);
  process.exit(1);
}
