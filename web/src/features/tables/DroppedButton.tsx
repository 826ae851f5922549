import RestoreFromTrashOutlined from "@mui/icons-material/RestoreFromTrashOutlined";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { droppedQuery } from "../../api/queries/tables";
import { useUrlState } from "../../shared/hooks/use-url-state";
import { tablesTexts as t } from "../../shared/texts/table";
import { DroppedDialog } from "./DroppedDialog";

const CLOSED = { dropped: "" };

/** The way to the dropped tables; whether they are shown is in the address. */
export function DroppedButton(): React.ReactElement {
  const { data } = useQuery(droppedQuery());
  const [{ dropped }, setShown] = useUrlState(CLOSED);
  return (
    <>
      <Button
        color="inherit"
        startIcon={<RestoreFromTrashOutlined />}
        aria-haspopup="dialog"
        onClick={() => setShown({ dropped: "show" })}
        sx={{ color: "text.secondary" }}
      >
        {t.dropped(data?.length ?? 0)}
      </Button>
      <DroppedDialog open={dropped !== ""} onClose={() => setShown({ dropped: null })} />
    </>
  );
}
