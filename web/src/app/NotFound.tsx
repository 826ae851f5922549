import Button from "@mui/material/Button";
import { Link } from "react-router";
import { common } from "../shared/texts/common";
import { Page } from "../shared/ui/Page";
import { Panel } from "../shared/ui/Panel";
import { Empty } from "../shared/ui/States";

/** An address that leads nowhere. */
export function NotFound(): React.ReactElement {
  return (
    <Page title={common.notFound}>
      <Panel>
        <Empty
          title={common.notFound}
          hint={common.notFoundHint}
          action={
            <Button component={Link} to="/" variant="contained">
              {common.goHome}
            </Button>
          }
        />
      </Panel>
    </Page>
  );
}
