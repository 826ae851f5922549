import CloseIcon from "@mui/icons-material/Close";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { suggestionsQuery, useSaveRule, type RuleSuggestion } from "../../api/queries/quality";
import type { TableName } from "../../api/queries/tables";
import { useToast } from "../hooks/use-toast";
import { CODE } from "../lib/fonts";
import { qualityTexts as t, ruleTexts } from "../texts/quality";
import { Panel } from "../ui/Panel";
import { RoleButton } from "../ui/RoleButton";
import { Empty, Loaded } from "../ui/States";

/** Rules that hold of what is there, each with its evidence. */
export function Suggestions({
  table,
  onClose,
}: {
  table: TableName;
  onClose: () => void;
}): React.ReactElement {
  const query = useQuery(suggestionsQuery(table));
  return (
    <Panel
      title={t.suggestions}
      flush
      aside={
        <IconButton aria-label={t.close} onClick={onClose}>
          <CloseIcon fontSize="small" />
        </IconButton>
      }
    >
      <Typography variant="body2" color="textSecondary" sx={{ px: 2, pb: 1 }}>
        {t.suggestHint}
      </Typography>
      <Box sx={{ px: query.error ? 2 : 0, pb: query.error ? 2 : 0 }}>
        <Loaded
          query={query}
          lines={5}
          isEmpty={(data) => data.length === 0}
          empty={<Empty title={t.noSuggestions} hint={t.noSuggestionsHint} />}
        >
          {(found) => (
            <List disablePadding>
              {found.map((each) => (
                <Item key={each.name} table={table} suggestion={each} />
              ))}
            </List>
          )}
        </Loaded>
      </Box>
    </Panel>
  );
}

function Item({ table, suggestion }: { table: TableName; suggestion: RuleSuggestion }): React.ReactElement {
  const save = useSaveRule();
  const toast = useToast();
  const { name, kind, arguments: given } = suggestion;
  const body = {
    schema_name: table.schema_name,
    table_name: table.name,
    name,
    kind,
    arguments: given,
    tolerance_percent: false,
    or_replace: false,
  };
  return (
    <ListItem sx={{ borderTop: 1, borderColor: "divider", gap: 1.5, py: 0.75 }}>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box sx={{ ...CODE, fontSize: "0.78rem", overflowWrap: "anywhere" }}>{suggestion.check}</Box>
        <Typography variant="caption" color="textSecondary" component="div" sx={{ overflowWrap: "anywhere" }}>
          {suggestion.evidence}
        </Typography>
      </Box>
      <RoleButton
        needs="editor"
        loading={save.isPending}
        aria-label={`${t.take} ${suggestion.check}`}
        onClick={() =>
          save.mutate(body, { onSuccess: () => toast.done(ruleTexts.saved(name)), onError: toast.failed })
        }
      >
        {t.take}
      </RoleButton>
    </ListItem>
  );
}
