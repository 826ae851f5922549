import type { Graph } from "../../api/types";
import { layout, NODE_HEIGHT, NODE_WIDTH } from "./layout";
import { LENSES, type LensName } from "./lens";

/** Find the value behind a colour of the theme, for a file that has no style sheet. */
function resolved(color: string): string {
  const name = `--mui-palette-${color.replaceAll(".", "-")}`;
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888";
}

function text(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function shortened(value: string, most: number): string {
  return value.length > most ? `${value.slice(0, most - 1)}…` : value;
}

/** Draw a graph as an SVG file of its own. */
export function svgPicture(graph: Graph, lens: LensName): { svg: string; width: number; height: number } {
  const places = layout(graph);
  const width = Math.max(...[...places.values()].map(({ x }) => x), 0) + NODE_WIDTH + 16;
  const height = Math.max(...[...places.values()].map(({ y }) => y), 0) + NODE_HEIGHT + 16;
  const [ink, faint, paper, line] = ["text.primary", "text.secondary", "background.paper", "divider"].map(
    resolved,
  );
  const edges = graph.edges.map(({ source, target }) => {
    const from = places.get(source);
    const to = places.get(target);
    if (!from || !to) return "";
    const [x1, y1] = [from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2];
    const [x2, y2] = [to.x - 6, to.y + NODE_HEIGHT / 2];
    const bend = Math.max(30, (x2 - x1) / 2);
    const path = `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
    return `<path d="${path}" fill="none" stroke="${faint ?? ""}" stroke-width="1.2" marker-end="url(#arrow)"/>`;
  });
  const nodes = graph.nodes.map((node) => {
    const { x, y } = places.get(node.id) ?? { x: 0, y: 0 };
    const color = resolved(LENSES[lens].color(node));
    const dashes = node.kind === "DYNAMIC_TABLE" ? "" : ' stroke-dasharray="4 3"';
    return `<g transform="translate(${x},${y})">
<rect width="${NODE_WIDTH}" height="${NODE_HEIGHT}" rx="8" fill="${paper ?? ""}" stroke="${line ?? ""}"${dashes}/>
<circle cx="18" cy="24" r="5" fill="${color}"/>
<text x="30" y="28" font-size="13" font-weight="600" fill="${ink ?? ""}">${text(shortened(node.name, 26))}</text>
<text x="18" y="47" font-size="11" fill="${faint ?? ""}">${text(shortened(node.schema_name, 18))}</text>
<text x="${NODE_WIDTH - 12}" y="47" font-size="11" text-anchor="end" fill="${color}">${text(LENSES[lens].fact(node))}</text>
</g>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0L8,4L0,8z" fill="${faint ?? ""}"/></marker></defs>
<rect width="100%" height="100%" fill="${resolved("background.default")}"/>
${[...edges, ...nodes].join("\n")}
</svg>
`;
  return { svg, width, height };
}

/** Draw a graph as a PNG file, twice as large for sharp text. */
export async function pngPicture(graph: Graph, lens: LensName): Promise<Blob> {
  const { svg, width, height } = svgPicture(graph, lens);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  // A canvas has a largest side in every browser.
  const scale = Math.min(2, 12_000 / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("the picture could not be drawn"))),
      "image/png",
    );
  });
}
