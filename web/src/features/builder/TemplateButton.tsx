import Autocomplete from "@mui/material/Autocomplete";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Card from "@mui/material/Card";
import CardActionArea from "@mui/material/CardActionArea";
import Dialog from "@mui/material/Dialog";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { completionsQuery, templatesQuery } from "../../api/queries/builder";
import type { Schemas } from "../../api/types";
import { builderTexts } from "../../shared/texts/builder";
import { templateTexts as t } from "../../shared/texts/templates";
import { Empty, Loaded } from "../../shared/ui/States";
import { sourcesOf, templatesOf, type Source } from "./own-templates";

type Template = Schemas["Template"];

const PATTERNS = "Patterns";

/** Statements to begin with, by kind. */
export function TemplateButton({ onUse }: { onUse: (sql: string) => void }): React.ReactElement {
  const [open, setOpen] = useState(false);
  const templates = useQuery(templatesQuery());
  const names = useQuery({ ...completionsQuery(), enabled: open });
  const bare = names.data?.schemas.every(({ tables }) => tables.length === 0) ?? false;
  function choose(template: Template): void {
    onUse(template.sql);
    setOpen(false);
  }
  return (
    <>
      <Button variant="outlined" onClick={() => setOpen(true)}>
        {builderTexts.template}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        maxWidth="md"
        fullWidth
        aria-labelledby="templates-title"
      >
        <DialogTitle id="templates-title" variant="h2" component="h2">
          {builderTexts.templatesTitle}
        </DialogTitle>
        <DialogContent>
          <Loaded query={names}>{(found) => <Own names={found} onUse={choose} />}</Loaded>
          <Loaded query={templates}>
            {(data) => (
              <>
                {categories(data, bare).map(([category, items]) => (
                  <Section key={category} title={category} items={items} onUse={choose} />
                ))}
              </>
            )}
          </Loaded>
        </DialogContent>
      </Dialog>
    </>
  );
}

/** Patterns with invented names are for who has no tables yet. */
function categories(templates: readonly Template[], bare: boolean): [string, Template[]][] {
  return [...Map.groupBy(templates, ({ category }) => category)].filter(
    ([category]) => bare || category !== PATTERNS,
  );
}

interface UseProps {
  onUse: (template: Template) => void;
}

/** The patterns, made of one of the tables that there are. */
function Own({ names, onUse }: UseProps & { names: Schemas["Completions"] }): React.ReactElement | null {
  const sources = useMemo(() => sourcesOf(names), [names]);
  const [chosen, setChosen] = useState<Source | null>(null);
  const source = chosen ?? sources[0];
  if (source === undefined) return null;
  const items = templatesOf(source, names.search_path);
  return (
    <>
      <Autocomplete
        size="small"
        disableClearable
        options={sources}
        value={source}
        onChange={(_, next) => setChosen(next)}
        getOptionLabel={({ schema, name }) => `${schema}.${name}`}
        isOptionEqualToValue={(one, other) => one.schema === other.schema && one.name === other.name}
        renderInput={(props) => <TextField {...props} label={t.table} />}
        sx={{ maxWidth: 420, mt: 1, mb: 2 }}
      />
      {items.length === 0 ? (
        <Empty title={t.none} hint={t.noneHint} />
      ) : (
        <Section title={t.own} items={items} onUse={onUse} />
      )}
    </>
  );
}

interface SectionProps extends UseProps {
  title: string;
  items: readonly Template[];
}

function Section({ title, items, onUse }: SectionProps): React.ReactElement {
  return (
    <Box sx={{ mb: 2 }}>
      <Typography variant="overline" color="textSecondary" component="h3">
        {title}
      </Typography>
      <Box sx={GRID}>
        {items.map((template) => (
          <TemplateCard key={template.id} template={template} onClick={() => onUse(template)} />
        ))}
      </Box>
    </Box>
  );
}

function TemplateCard({
  template,
  onClick,
}: {
  template: Template;
  onClick: () => void;
}): React.ReactElement {
  return (
    <Card>
      <CardActionArea onClick={onClick} sx={{ p: 1.5, height: 1, display: "block" }}>
        <Typography variant="h3">{template.title}</Typography>
        <Typography variant="caption" color="textSecondary" component="div">
          {template.description}
        </Typography>
      </CardActionArea>
    </Card>
  );
}

const GRID = {
  display: "grid",
  gap: 1,
  gridTemplateColumns: "repeat(auto-fill, minmax(240px, 1fr))",
} as const;
