import Box from "@mui/material/Box";
import Drawer from "@mui/material/Drawer";
import { Brand } from "./Brand";
import { Navigation } from "./Navigation";

/** The navigation where there is no room for it beside the page. */
export function NavigationDrawer({ onClose }: { onClose: () => void }): React.ReactElement {
  return (
    <Drawer open onClose={onClose} sx={{ display: { md: "none" } }}>
      <Box sx={{ width: 240 }}>
        <Brand />
        <Navigation collapsed={false} onGo={onClose} />
      </Box>
    </Drawer>
  );
}
