import ContentCopy from "@mui/icons-material/ContentCopy";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";
import { CODE } from "../lib/fonts";
import { cssColor } from "../lib/status";
import { tokens, type TokenKind } from "../lib/sql-tokens";
import { common } from "../texts/common";

const COLORS: Record<TokenKind, React.CSSProperties> = {
  keyword: { color: cssColor("primary.main"), fontWeight: 600 },
  string: { color: cssColor("states.fresh") },
  number: { color: cssColor("states.late") },
  comment: { color: cssColor("text.secondary"), fontStyle: "italic" },
  text: {},
};

/** SQL to read and to copy, without the weight of an editor. */
export function SqlBlock({ sql, label }: { sql: string; label: string }): React.ReactElement {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(sql);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  }
  return (
    <Box sx={{ position: "relative" }}>
      <Box component="pre" tabIndex={0} aria-label={label} sx={PRE}>
        {tokens(sql).map(({ kind, text }, index) => (
          <span key={index} style={COLORS[kind]}>
            {text}
          </span>
        ))}
      </Box>
      <Tooltip title={copied ? common.copied : common.copy}>
        <IconButton
          aria-label={common.copy}
          onClick={() => void copy()}
          sx={{ position: "absolute", top: 4, right: 4 }}
        >
          <ContentCopy sx={{ fontSize: 15 }} />
        </IconButton>
      </Tooltip>
    </Box>
  );
}

const PRE = {
  m: 0,
  p: 1.5,
  pr: 5,
  overflow: "auto",
  maxHeight: 460,
  borderRadius: 1,
  border: 1,
  borderColor: "divider",
  bgcolor: "background.default",
  ...CODE,
  fontSize: "0.78rem",
  lineHeight: 1.6,
  whiteSpace: "pre-wrap",
} as const;
