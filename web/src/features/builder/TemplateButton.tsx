import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Card from "@mui/material/Card";
import CardActionArea from "@mui/material/CardActionArea";
import Dialog from "@mui/material/Dialog";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { templatesQuery } from "../../api/queries/builder";
import type { Schemas } from "../../api/types";
import { builderTexts as t } from "../../shared/texts/builder";
import { Loaded } from "../../shared/ui/States";

type Template = Schemas["Template"];

/** Statements to begin with, by kind. */
export function TemplateButton({ onUse }: { onUse: (sql: string) => void }): React.ReactElement {
  const [open, setOpen] = useState(false);
  const templates = useQuery(templatesQuery());
  function choose(template: Template): void {
    onUse(template.sql);
    setOpen(false);
  }
  return (
    <>
      <Button variant="outlined" onClick={() => setOpen(true)}>
        {t.template}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        maxWidth="md"
        fullWidth
        aria-labelledby="templates-title"
      >
        <DialogTitle id="templates-title" variant="h2" component="h2">
          {t.templatesTitle}
        </DialogTitle>
        <DialogContent>
          <Loaded query={templates}>
            {(data) => (
              <>
                {categories(data).map(([category, items]) => (
                  <Box key={category} sx={{ mb: 2 }}>
                    <Typography variant="overline" color="textSecondary" component="h3">
                      {category}
                    </Typography>
                    <Box sx={GRID}>
                      {items.map((template) => (
                        <TemplateCard
                          key={template.id}
                          template={template}
                          onClick={() => choose(template)}
                        />
                      ))}
                    </Box>
                  </Box>
                ))}
              </>
            )}
          </Loaded>
        </DialogContent>
      </Dialog>
    </>
  );
}

function categories(templates: readonly Template[]): [string, Template[]][] {
  return [...Map.groupBy(templates, ({ category }) => category)];
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
