import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { CODE } from "../lib/fonts";
import { cssColor } from "../lib/status";

const ink = cssColor("text.primary");
const faint = cssColor("text.secondary");
const paper = cssColor("background.paper");
const divider = cssColor("divider");
const primary = cssColor("primary.main");

const shape = EditorView.theme({
  "&": { color: ink, backgroundColor: paper, fontSize: "13px", height: "100%" },
  "&.cm-focused": { outline: "none" },
  // The padding is not the content's: numbers of lines would miss it in a document of one line.
  ".cm-scroller": { ...CODE, lineHeight: "1.6", padding: "10px 0" },
  ".cm-content": { caretColor: primary, padding: "0" },
  ".cm-cursor": { borderLeftColor: primary },
  ".cm-gutters": { backgroundColor: paper, color: faint, border: "none", paddingLeft: "6px" },
  ".cm-activeLine": { backgroundColor: `color-mix(in srgb, ${primary} 5%, transparent)` },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: ink },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: `color-mix(in srgb, ${primary} 22%, transparent)`,
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: `color-mix(in srgb, ${primary} 18%, transparent)`,
    outline: "none",
  },
  ".cm-tooltip": { backgroundColor: paper, border: `1px solid ${divider}`, borderRadius: "6px", color: ink },
  ".cm-tooltip-autocomplete > ul": { ...CODE, fontSize: "12px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: `color-mix(in srgb, ${primary} 16%, transparent)`,
    color: ink,
  },
  ".cm-completionDetail": { color: faint, fontStyle: "normal" },
  ".cm-diagnostic": { fontFamily: "inherit", padding: "6px 10px" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: `underline wavy ${cssColor("states.failing")}`,
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: `underline wavy ${cssColor("states.late")}`,
    textUnderlineOffset: "3px",
  },
  ".cm-placeholder": { color: faint },
});

const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: primary, fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: cssColor("states.fresh") },
  { tag: [tags.number, tags.bool, tags.null], color: cssColor("states.late") },
  { tag: [tags.typeName, tags.standard(tags.name)], color: cssColor("states.pending") },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: faint, fontStyle: "italic" },
  { tag: [tags.punctuation, tags.operator], color: faint },
]);

/** The editor in the colours of the theme. */
export const editorLook = [shape, syntaxHighlighting(colors)];
