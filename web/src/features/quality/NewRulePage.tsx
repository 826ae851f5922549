import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { kindsQuery, ruleQuery, type QualityKind } from "../../api/queries/quality";
import { splitName } from "../../shared/lib/paths";
import { ruleTexts as t } from "../../shared/texts/quality";
import { Page } from "../../shared/ui/Page";
import { Loaded } from "../../shared/ui/States";
import { formOf, NEW_RULE } from "./rule-form";
import { RuleForm } from "./RuleForm";

/** A rule from a form: what has to be so, tried on the present rows before it counts. */
export function NewRulePage(): React.ReactElement {
  const [params] = useSearchParams();
  const table = params.get("table") ?? "";
  const rule = params.get("rule");
  const kinds = useQuery(kindsQuery());
  return (
    <Page title={rule === null ? t.title : t.editTitle(rule)} subtitle={t.subtitle}>
      <Loaded query={kinds} lines={8}>
        {(found) =>
          rule === null ? (
            <RuleForm kinds={found} initial={{ ...NEW_RULE, table }} replaces={false} />
          ) : (
            <Present kinds={found} table={table} rule={rule} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Present({
  kinds,
  table,
  rule,
}: {
  kinds: readonly QualityKind[];
  table: string;
  rule: string;
}): React.ReactElement {
  const query = useQuery({ ...ruleQuery({ ...splitName(table), rule }), refetchOnWindowFocus: false });
  return (
    <Loaded query={query} lines={8}>
      {(data) => {
        const kind = kinds.find(({ name }) => name === data.kind);
        return kind ? <RuleForm kinds={kinds} initial={formOf(data, kind)} replaces /> : null;
      }}
    </Loaded>
  );
}
