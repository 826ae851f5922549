import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useSendAgain } from "../../api/queries/alerting";
import type { Schemas } from "../../api/types";
import { useToast } from "../../shared/hooks/use-toast";
import { milliseconds } from "../../shared/lib/format";
import { words } from "../../shared/lib/status";
import { alertingTexts as t } from "../../shared/texts/alerts";
import { Ago } from "../../shared/ui/Ago";
import { RoleButton } from "../../shared/ui/RoleButton";

/** Messages to channels, with what receivers said. */
export function Deliveries({ of }: { of: readonly Schemas["Delivery"][] }): React.ReactElement {
  const again = useSendAgain();
  const toast = useToast();
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label={t.deliveries}>
        <TableHead>
          <TableRow>
            {[t.channel, t.state, t.why, t.at, t.attempts, t.answer, t.took, ""].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {of.map((each) => (
            <TableRow key={each.id}>
              <TableCell sx={{ fontWeight: 580 }}>{each.channel}</TableCell>
              <TableCell sx={each.state === "DEAD" ? { color: "error.main" } : {}}>
                {words(each.state)}
              </TableCell>
              <TableCell>{words(each.telling)}</TableCell>
              <TableCell sx={{ whiteSpace: "nowrap" }}>
                <Ago at={each.created_at} />
              </TableCell>
              <TableCell>{each.attempts}</TableCell>
              <TableCell sx={{ overflowWrap: "anywhere" }}>{each.response ?? "–"}</TableCell>
              <TableCell sx={{ whiteSpace: "nowrap" }}>{milliseconds(each.latency_ms)}</TableCell>
              <TableCell>
                {each.state === "DEAD" ? (
                  <RoleButton
                    needs="admin"
                    disabled={again.isPending}
                    onClick={() =>
                      again.mutate(each.id, {
                        onSuccess: () => toast.done(t.sentAgain),
                        onError: toast.failed,
                      })
                    }
                  >
                    {t.sendAgain}
                  </RoleButton>
                ) : null}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}
