import { useCallback, useState } from "react";

interface Size {
  width: number;
  height: number;
}

/** The size of an element, followed as it changes; hand `ref` to the element. */
export function useSize(initial: Size = { width: 0, height: 0 }): [(element: Element | null) => void, Size] {
  const [size, setSize] = useState(initial);
  const ref = useCallback((element: Element | null) => {
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}
