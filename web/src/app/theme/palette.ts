/** Every colour of the app. States have the same hue in both schemes; text on them passes 4.5:1. */
export interface StateColors {
  fresh: string;
  late: string;
  failing: string;
  suspended: string;
  pending: string;
  running: string;
  source: string;
}

export const lightStates: StateColors = {
  fresh: "#0a7a52",
  late: "#a15c00",
  failing: "#c0293a",
  suspended: "#5d6b80",
  pending: "#6d4bc0",
  running: "#1a5cb0",
  source: "#4a5a70",
};

export const darkStates: StateColors = {
  fresh: "#4fd19c",
  late: "#f0b352",
  failing: "#ff8089",
  suspended: "#9aa8bd",
  pending: "#b69cff",
  running: "#6fb3ff",
  source: "#a3b1c6",
};

export const light = {
  primary: { main: "#3451b2", dark: "#27408f", light: "#5b77d8", contrastText: "#ffffff" },
  secondary: { main: "#475569", contrastText: "#ffffff" },
  success: { main: lightStates.fresh, contrastText: "#ffffff" },
  warning: { main: lightStates.late, contrastText: "#ffffff" },
  error: { main: lightStates.failing, contrastText: "#ffffff" },
  info: { main: lightStates.running, contrastText: "#ffffff" },
  background: { default: "#f5f7fa", paper: "#ffffff" },
  text: { primary: "#172033", secondary: "#526076" },
  divider: "#e1e6ee",
  states: lightStates,
};

export const dark = {
  primary: { main: "#95acf7", dark: "#6f8be6", light: "#b7c7fb", contrastText: "#0e1424" },
  secondary: { main: "#a3b1c6", contrastText: "#0e1424" },
  success: { main: darkStates.fresh, contrastText: "#06120d" },
  warning: { main: darkStates.late, contrastText: "#1a1204" },
  error: { main: darkStates.failing, contrastText: "#1f0609" },
  info: { main: darkStates.running, contrastText: "#04101f" },
  background: { default: "#0d1220", paper: "#141b2c" },
  text: { primary: "#e6ebf5", secondary: "#9fadc4" },
  divider: "#263149",
  states: darkStates,
};
