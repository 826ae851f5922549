import DownloadIcon from "@mui/icons-material/Download";
import Button from "@mui/material/Button";
import { download } from "../../../shared/lib/download";
import { common } from "../../../shared/texts/common";
import { tableTexts as t } from "../../../shared/texts/table";
import { Panel } from "../../../shared/ui/Panel";
import { SqlBlock } from "../../../shared/ui/SqlBlock";
import type { TabProps } from "../TablePage";

/** The statement that makes the table anew. */
export function DdlTab({ table }: TabProps): React.ReactElement {
  return (
    <Panel
      title={t.ddl}
      aside={
        <Button
          startIcon={<DownloadIcon />}
          onClick={() => download(`${table.name}.sql`, table.ddl, "application/sql")}
        >
          {common.download}
        </Button>
      }
    >
      <SqlBlock sql={table.ddl} label={t.ddl} />
    </Panel>
  );
}
