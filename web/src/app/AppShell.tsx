import Box from "@mui/material/Box";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { Outlet, useLocation, useNavigate } from "react-router";
import { useShortcuts } from "../shared/hooks/use-shortcuts";
import { shell } from "../shared/texts/shell";
import { Boundary } from "../shared/ui/Boundary";
import { Loading } from "../shared/ui/States";
import { Brand } from "./Brand";
import { DemoBanner } from "./DemoBanner";
import { Navigation } from "./Navigation";
import { navItems } from "./nav-items";
import { TopBar } from "./TopBar";
import { useLive } from "./use-live";

const CommandPalette = lazy(() => import("./CommandPalette").then((m) => ({ default: m.CommandPalette })));
const ShortcutsDialog = lazy(() => import("./ShortcutsDialog").then((m) => ({ default: m.ShortcutsDialog })));

const NavigationDrawer = lazy(() =>
  import("./NavigationDrawer").then((m) => ({ default: m.NavigationDrawer })),
);

const COLLAPSED = "dyntables.navigation";

/** The frame: navigation, top bar, the page, and what the keyboard opens. */
export function AppShell(): React.ReactElement {
  const [collapsed, setCollapsed] = useState(() => localStorage.getItem(COLLAPSED) === "collapsed");
  const [drawer, setDrawer] = useState(false);
  const [dialog, setDialog] = useState<"palette" | "shortcuts" | null>(null);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  useLive();
  const toggle = useCallback(() => {
    setCollapsed((old) => {
      localStorage.setItem(COLLAPSED, old ? "expanded" : "collapsed");
      return !old;
    });
  }, []);
  useShortcuts(
    useMemo(
      () => ({
        "mod+k": () => setDialog("palette"),
        "?": () => setDialog("shortcuts"),
        "[": toggle,
        "/": () => document.querySelector<HTMLInputElement>("[data-page-search] input")?.focus(),
        ...Object.fromEntries(navItems.map(({ keys, path }) => [keys, () => void navigate(path)])),
      }),
      [navigate, toggle],
    ),
  );
  return (
    <Box sx={{ display: "flex", height: "100dvh", overflow: "hidden" }}>
      <SkipLink />
      <Box sx={[SIDE, { width: collapsed ? 57 : 208, display: { xs: "none", md: "flex" } }]}>
        <Brand collapsed={collapsed} />
        <Navigation collapsed={collapsed} />
      </Box>
      <Box sx={{ flex: 1, minWidth: 0, display: "flex", flexDirection: "column" }}>
        <TopBar
          collapsed={collapsed}
          onToggle={toggle}
          onDrawer={() => setDrawer(true)}
          onPalette={() => setDialog("palette")}
          onShortcuts={() => setDialog("shortcuts")}
        />
        <DemoBanner />
        <Box component="main" id="content" tabIndex={-1} sx={MAIN}>
          <Boundary key={pathname}>
            <Suspense
              fallback={
                <Box sx={{ p: 3 }}>
                  <Loading />
                </Box>
              }
            >
              <Outlet />
            </Suspense>
          </Boundary>
        </Box>
      </Box>
      <Suspense fallback={null}>
        {drawer ? <NavigationDrawer onClose={() => setDrawer(false)} /> : null}
        {dialog === "palette" ? <CommandPalette open onClose={() => setDialog(null)} /> : null}
        {dialog === "shortcuts" ? <ShortcutsDialog open onClose={() => setDialog(null)} /> : null}
      </Suspense>
    </Box>
  );
}

function SkipLink(): React.ReactElement {
  return (
    <Box
      component="a"
      href="#content"
      sx={{
        position: "absolute",
        left: 8,
        top: -60,
        zIndex: 2000,
        bgcolor: "background.paper",
        p: 1,
        "&:focus": { top: 8 },
      }}
    >
      {shell.skip}
    </Box>
  );
}

const SIDE = {
  flex: "none",
  flexDirection: "column",
  borderRight: 1,
  borderColor: "divider",
  bgcolor: "background.paper",
} as const;

const MAIN = {
  flex: 1,
  minHeight: 0,
  overflow: "auto",
  display: "flex",
  flexDirection: "column",
  outline: "none",
} as const;
