import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { builderTexts as t } from "../../shared/texts/builder";
import { proposeName, wrapQuery } from "./statement";

/** A query was written where a statement is wanted: offer to make one of it. */
export function WrapQuery({
  sql,
  onChange,
}: {
  sql: string;
  onChange: (sql: string) => void;
}): React.ReactElement {
  const name = proposeName(sql);
  return (
    <Alert
      severity="info"
      variant="outlined"
      action={
        <Button color="inherit" onClick={() => onChange(wrapQuery(sql, name))}>
          {t.wrap}
        </Button>
      }
    >
      {t.wrapHint(name)}
    </Alert>
  );
}
