import Box from "@mui/material/Box";
import { cssColor } from "../lib/status";

interface SparklineProps {
  values: readonly number[];
  /** A line to compare with, such as the target lag. */
  limit?: number | null;
  label: string;
  width?: number;
  height?: number;
}

/** A small line of recent values; those above the limit are marked. */
export function Sparkline({
  values,
  limit,
  label,
  width = 96,
  height = 24,
}: SparklineProps): React.ReactElement {
  if (values.length < 2)
    return (
      <Box component="span" sx={{ color: "text.secondary" }}>
        –
      </Box>
    );
  const top = Math.max(...values, limit ?? 0) * 1.08 || 1;
  const x = (index: number): number => 2 + (index / (values.length - 1)) * (width - 4);
  const y = (value: number): number => height - 2 - (value / top) * (height - 4);
  const line = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const limitColor = cssColor("text.secondary");
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: "block" }}>
      {limit ? (
        <line
          x1="0"
          x2={width}
          y1={y(limit)}
          y2={y(limit)}
          stroke={limitColor}
          strokeDasharray="2 3"
          opacity="0.7"
        />
      ) : null}
      <polyline
        points={line}
        fill="none"
        stroke={cssColor("primary.main")}
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      {values.map((value, index) =>
        limit && value > limit ? (
          <circle key={index} cx={x(index)} cy={y(value)} r="2" fill={cssColor("states.failing")} />
        ) : null,
      )}
    </svg>
  );
}
