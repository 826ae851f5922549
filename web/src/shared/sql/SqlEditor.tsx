import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { keywordCompletionSource, sql } from "@codemirror/lang-sql";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import Box from "@mui/material/Box";
import { useEffect, useEffectEvent, useImperativeHandle, useRef } from "react";
import type { Schemas } from "../../api/types";
import { nonce } from "../lib/nonce";
import { completer } from "./complete";
import { dyntablesSql } from "./dialect";
import { editorLook } from "./look";

export interface EditorProblem {
  message: string;
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
}

export interface SqlEditorHandle {
  /** The selected text, or all of it. */
  selection: () => string;
  /** Put the cursor at an offset and show it. */
  goTo: (offset: number) => void;
}

interface SqlEditorProps {
  label: string;
  value: string;
  onChange?: (value: string) => void;
  onRun?: () => void;
  names?: Schemas["Completions"] | undefined;
  problems?: readonly EditorProblem[];
  hint?: string;
  readOnly?: boolean;
  ref?: React.Ref<SqlEditorHandle>;
}

function language(names: Schemas["Completions"] | undefined): Extension {
  return [
    sql({ dialect: dyntablesSql, upperCaseKeywords: true }),
    autocompletion({
      override: [completer(names), keywordCompletionSource(dyntablesSql, true)],
      activateOnTyping: true,
      icons: false,
    }),
  ];
}

/** An editor for SQL: highlighting, names of the database, and errors in their place. */
export function SqlEditor(props: SqlEditorProps): React.ReactElement {
  const { label, value, onChange, onRun, names, problems = [], hint = "", readOnly = false, ref } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const slot = useRef(new Compartment());
  const changed = useEffectEvent((text: string) => onChange?.(text));
  const run = useEffectEvent(() => {
    onRun?.();
    return onRun !== undefined;
  });
  const initial = useEffectEvent(() => ({ value, language: language(names) }));

  useEffect(() => {
    if (host.current === null) return;
    const start = initial();
    const editor = new EditorView({
      parent: host.current,
      doc: start.value,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        lintGutter(),
        keymap.of([
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...completionKeymap,
          ...lintKeymap,
          indentWithTab,
        ]),
        slot.current.of(start.language),
        editorLook,
        EditorView.cspNonce.of(nonce ?? ""),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label }),
        EditorState.readOnly.of(readOnly),
        placeholder(hint),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [label, hint, readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: slot.current.reconfigure(language(names)) });
  }, [names]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        problems.map((problem) => diagnostic(problem, editor.state.doc.length)),
      ),
    );
  }, [problems]);

  useImperativeHandle(ref, () => ({
    selection: () => {
      const state = view.current?.state;
      if (state === undefined) return value;
      const { from, to } = state.selection.main;
      return from === to ? state.doc.toString() : state.sliceDoc(from, to);
    },
    goTo: (offset) => {
      const anchor = Math.min(offset, view.current?.state.doc.length ?? 0);
      view.current?.dispatch({ selection: { anchor }, scrollIntoView: true });
      view.current?.focus();
    },
  }));

  return (
    <Box
      ref={host}
      sx={{ height: "100%", minHeight: 0, overflow: "hidden", "& .cm-editor": { height: "100%" } }}
    />
  );
}

function diagnostic({ message, from, to, severity }: EditorProblem, length: number): Diagnostic {
  const start = Math.min(from, length);
  return { from: start, to: Math.min(Math.max(to, start + 1), length), severity, message };
}
