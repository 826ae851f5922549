import DownloadIcon from "@mui/icons-material/Download";
import HelpOutline from "@mui/icons-material/HelpOutlined";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import InputAdornment from "@mui/material/InputAdornment";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";
import type { Graph } from "../../api/types";
import { isLens, LENSES, type LensName } from "../../shared/dag/lens";
import { useToast } from "../../shared/hooks/use-toast";
import { download } from "../../shared/lib/download";
import { graphTexts as t } from "../../shared/texts/graph";
import { Select } from "../../shared/ui/Select";
import type { GraphState } from "./graph-state";

interface GraphToolbarProps {
  graph: Graph;
  state: GraphState & { lens: LensName };
  /** How many nodes the selector names; null without one. */
  matched: number | null;
  onState: (change: Partial<Record<keyof GraphState, string | null>>) => void;
}

/** How the graph is looked at; all of it is in the address. */
export function GraphToolbar({ graph, state, matched, onState }: GraphToolbarProps): React.ReactElement {
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}>
      <TextField
        data-page-search
        value={state.select}
        onChange={(event) => onState({ select: event.target.value })}
        placeholder={t.selector}
        sx={{ width: { xs: "100%", sm: 250 } }}
        slotProps={{
          htmlInput: { "aria-label": t.selector, spellCheck: false },
          input: {
            endAdornment: (
              <InputAdornment position="end">
                {matched === null ? null : <span role="status">{t.matched(matched)}</span>}
                <Tooltip title={t.selectorHelp}>
                  <IconButton aria-label={t.selectorHelp} sx={{ p: 0.25, ml: 0.5 }}>
                    <HelpOutline sx={{ fontSize: 16 }} />
                  </IconButton>
                </Tooltip>
              </InputAdornment>
            ),
          },
        }}
      />
      <Select
        label={t.lens}
        value={state.lens}
        options={Object.entries(LENSES).map(([key, { label }]) => [key, label])}
        onChange={(lens) => onState({ lens: isLens(lens) ? lens : null })}
      />
      <Select
        label={t.group}
        value={state.group}
        options={Object.entries(t.groupings)}
        onChange={(group) => onState({ group, open: null })}
      />
      <Choice
        label={t.focus}
        value={state.focus}
        disabled={state.node === ""}
        options={[
          ["", t.focusAll],
          ["up", t.focusUp],
          ["down", t.focusDown],
          ["both", t.focusBoth],
        ]}
        onChange={(focus) => onState({ focus })}
      />
      <TextField
        label={t.at}
        type="datetime-local"
        value={state.at}
        onChange={(event) => onState({ at: event.target.value })}
        sx={{ width: 200 }}
        slotProps={{ inputLabel: { shrink: true }, htmlInput: { title: t.past } }}
      />
      <Box sx={{ flex: 1 }} />
      <Choice
        label={t.view}
        value={state.view}
        options={[
          ["graph", t.asGraph],
          ["table", t.asTable],
        ]}
        onChange={(view) => onState({ view })}
      />
      <ExportMenu graph={graph} lens={state.lens} />
    </Box>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  disabled?: boolean;
  onChange: (value: string) => void;
}

function Choice({ label, value, options, disabled = false, onChange }: ChoiceProps): React.ReactElement {
  return (
    <ToggleButtonGroup
      exclusive
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={(_, next: string | null) => (next === null ? undefined : onChange(next))}
    >
      {options.map(([key, text]) => (
        <ToggleButton key={key} value={key}>
          {text}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

function ExportMenu({ graph, lens }: { graph: Graph; lens: LensName }): React.ReactElement {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const toast = useToast();
  async function save(kind: "png" | "svg" | "json"): Promise<void> {
    setAnchor(null);
    try {
      const picture = await import("../../shared/dag/picture");
      if (kind === "png") download("graph.png", await picture.pngPicture(graph, lens));
      else if (kind === "svg") download("graph.svg", picture.svgPicture(graph, lens).svg, "image/svg+xml");
      else download("graph.json", JSON.stringify(graph, null, 2), "application/json");
    } catch (error) {
      toast.failed(error);
    }
  }
  return (
    <>
      <Tooltip title={t.export}>
        <IconButton
          aria-label={t.export}
          aria-haspopup="menu"
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          <DownloadIcon fontSize="small" />
        </IconButton>
      </Tooltip>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem onClick={() => void save("png")}>{t.png}</MenuItem>
        <MenuItem onClick={() => void save("svg")}>{t.svg}</MenuItem>
        <MenuItem onClick={() => void save("json")}>{t.json}</MenuItem>
      </Menu>
    </>
  );
}
