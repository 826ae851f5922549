import { useEffect } from "react";

/** Keys (`?`, `mod+k`, `g o`) to what they do. */
export type Shortcuts = Record<string, () => void>;

const SEQUENCE_MS = 1_000;

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

function named(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  return mod + event.key.toLowerCase();
}

/** Listen for keys and two-key sequences, except where somebody types. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    let first = { key: "", at: 0 };
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.altKey) return;
      const key = named(event);
      if (typing(event.target) && !key.startsWith("mod+")) return;
      const sequence = event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${key}` : "";
      const action = shortcuts[sequence] ?? shortcuts[key];
      first = { key, at: event.timeStamp };
      if (action === undefined) return;
      event.preventDefault();
      first = { key: "", at: 0 };
      action();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [shortcuts]);
}
