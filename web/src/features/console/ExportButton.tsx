import StopIcon from "@mui/icons-material/Stop";
import Button from "@mui/material/Button";
import { bytes } from "../../shared/lib/format";
import { consoleTexts as t } from "../../shared/texts/console";
import { useExport } from "./use-export";

interface ExportButtonProps {
  sql: () => string;
  disabled: boolean;
  /** Within which all rows must come. */
  seconds: number;
}

/** Export every row; while they come, how much there is, and the way to stop. */
export function ExportButton({ sql, disabled, seconds }: ExportButtonProps): React.ReactElement {
  const file = useExport();
  if (file.bytes !== null) {
    return (
      <Button variant="outlined" color="error" startIcon={<StopIcon />} onClick={file.cancel}>
        {t.stopExport(bytes(file.bytes))}
      </Button>
    );
  }
  return (
    <Button
      variant="outlined"
      onClick={() => file.start(sql())}
      disabled={disabled}
      title={t.csvHint(seconds)}
    >
      {t.csv}
    </Button>
  );
}
