import { createTheme } from "@mui/material/styles";
import type {} from "@mui/material/themeCssVarsAugmentation";
import { CODE, SANS } from "../../shared/lib/fonts";
import { dark, light, type StateColors } from "./palette";

declare module "@mui/material/styles" {
  interface Palette {
    states: StateColors;
  }
  interface PaletteOptions {
    states?: StateColors;
  }
}

/** The one theme: dense, quiet, borders rather than shadows. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: "data-color-scheme" },
  colorSchemes: { light: { palette: light }, dark: { palette: dark } },
  shape: { borderRadius: 8 },
  spacing: 8,
  typography: {
    fontFamily: SANS,
    fontSize: 13,
    htmlFontSize: 16,
    h1: { fontSize: "1.375rem", fontWeight: 650, letterSpacing: "-0.015em", lineHeight: 1.3 },
    h2: { fontSize: "0.9375rem", fontWeight: 620, letterSpacing: "-0.005em", lineHeight: 1.4 },
    h3: { fontSize: "0.8125rem", fontWeight: 620, lineHeight: 1.4 },
    body1: { fontSize: "0.875rem", lineHeight: 1.5 },
    body2: { fontSize: "0.8125rem", lineHeight: 1.5 },
    caption: { fontSize: "0.75rem", lineHeight: 1.4 },
    overline: { fontSize: "0.6875rem", fontWeight: 600, letterSpacing: "0.06em", lineHeight: 1.6 },
    button: { textTransform: "none", fontWeight: 560 },
  },
  components: {
    MuiCssBaseline: {
      styleOverrides: {
        body: { fontFeatureSettings: '"cv05", "ss03"', scrollbarGutter: "stable" },
        "code, pre, kbd": { ...CODE, fontSize: "0.92em" },
        ":focus-visible": { outline: "2px solid var(--mui-palette-primary-main)", outlineOffset: 2 },
        "@media (prefers-reduced-motion: reduce)": {
          "*": { animationDuration: "0.01ms !important", transitionDuration: "0.01ms !important" },
        },
      },
    },
    MuiPaper: {
      defaultProps: { elevation: 0 },
      styleOverrides: { root: { backgroundImage: "none" } },
    },
    MuiCard: { defaultProps: { variant: "outlined" } },
    MuiButton: { defaultProps: { size: "small", disableElevation: true } },
    MuiIconButton: { defaultProps: { size: "small" } },
    MuiTextField: { defaultProps: { size: "small" } },
    MuiSelect: { defaultProps: { size: "small" } },
    MuiFormControl: { defaultProps: { size: "small" } },
    MuiChip: {
      defaultProps: { size: "small" },
      styleOverrides: { root: { borderRadius: 6, fontWeight: 520 } },
    },
    MuiTooltip: {
      defaultProps: { enterDelay: 300, arrow: true },
      styleOverrides: { tooltip: { fontSize: "0.75rem", maxWidth: 380 } },
    },
    MuiTab: { styleOverrides: { root: { minHeight: 40, padding: "8px 12px", minWidth: 0 } } },
    MuiTabs: { styleOverrides: { root: { minHeight: 40 } } },
    MuiTableCell: {
      styleOverrides: {
        root: { padding: "6px 12px", fontSize: "0.8125rem", borderColor: "var(--mui-palette-divider)" },
        head: { color: "var(--mui-palette-text-secondary)", fontWeight: 560, fontSize: "0.75rem" },
      },
    },
    MuiToggleButton: {
      defaultProps: { size: "small" },
      styleOverrides: {
        root: {
          textTransform: "none",
          padding: "3px 10px",
          fontSize: "0.8125rem",
          color: "var(--mui-palette-text-secondary)",
          "&.Mui-selected": { color: "var(--mui-palette-text-primary)" },
        },
      },
    },
    MuiAlert: { styleOverrides: { root: { borderRadius: 8 } } },
    MuiListItemButton: { styleOverrides: { root: { borderRadius: 6 } } },
    MuiDialog: { styleOverrides: { paper: { border: "1px solid var(--mui-palette-divider)" } } },
    MuiLink: { defaultProps: { underline: "hover" } },
  },
});
