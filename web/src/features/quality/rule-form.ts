import type { OnViolation, QualityKind, QualityRule, RuleDraft, Severity } from "../../api/queries/quality";
import { splitName } from "../../shared/lib/paths";

/** What is typed into the form of a rule; `values` are texts by the names of the kind's parameters. */
export interface RuleFormState {
  table: string;
  kind: string;
  name: string;
  values: Record<string, string>;
  where: string;
  severity: Severity;
  tolerance: string;
  percent: boolean;
  onViolation: OnViolation;
  comment: string;
}

export const NEW_RULE: RuleFormState = {
  table: "",
  kind: "not_null",
  name: "",
  values: {},
  where: "",
  severity: "ERROR",
  tolerance: "",
  percent: false,
  onViolation: "MONITOR",
  comment: "",
};

/** Split what is between commas; those in quotes and parentheses do not count. */
export function splitValues(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let part = "";
  for (const letter of text) {
    if (letter === "'") quoted = !quoted;
    else if (!quoted && letter === "(") depth += 1;
    else if (!quoted && letter === ")") depth -= 1;
    if (letter === "," && !quoted && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else {
      part += letter;
    }
  }
  parts.push(part.trim());
  return parts.filter((each) => each !== "");
}

/** The arguments of a rule in the order of its parameters. */
export function argumentsOf(kind: QualityKind, values: Record<string, string>): string[] {
  return kind.parameters.flatMap(({ name, many }) => {
    const text = (values[name] ?? "").trim();
    return many ? splitValues(text) : [text];
  });
}

/** Whether all fields that are needed are filled in. */
export function isComplete(kind: QualityKind | undefined, form: RuleFormState): kind is QualityKind {
  if (kind === undefined || form.table === "") return false;
  return kind.parameters.every(({ name, many, least }) => {
    const text = (form.values[name] ?? "").trim();
    return many ? splitValues(text).length >= least : text !== "";
  });
}

/** A name that says what the rule is about, for whoever gives none. */
export function usualName(kind: QualityKind, values: Record<string, string>): string {
  const first = kind.parameters[0];
  const subject =
    first?.sort === "a column of the table" ? splitValues(values[first.name] ?? "").join("_") : "";
  return subject === "" ? kind.name : `${subject}_${kind.name}`.slice(0, 63);
}

/** A form as the API takes it. */
export function draftOf(kind: QualityKind, form: RuleFormState): RuleDraft {
  const { schema_name, name } = splitName(form.table);
  const tolerance = Number(form.tolerance);
  return {
    schema_name,
    table_name: name,
    name: form.name.trim() || usualName(kind, form.values),
    kind: kind.name,
    arguments: argumentsOf(kind, form.values),
    where: form.where.trim() || null,
    severity: form.severity,
    tolerance: form.tolerance.trim() !== "" && tolerance > 0 ? tolerance : null,
    tolerance_percent: form.percent,
    on_violation: form.onViolation,
    comment: form.comment.trim() || null,
  };
}

/** The form of a rule that is there. */
export function formOf(rule: QualityRule, kind: QualityKind): RuleFormState {
  const values = Object.fromEntries(
    kind.parameters.map(({ name, many }, at) => [
      name,
      many ? rule.arguments.slice(at).join(", ") : (rule.arguments[at] ?? ""),
    ]),
  );
  return {
    table: `${rule.schema_name}.${rule.table_name}`,
    kind: rule.kind,
    name: rule.name,
    values,
    where: rule.where ?? "",
    severity: rule.severity,
    tolerance: rule.tolerance === 0 ? "" : String(rule.tolerance),
    percent: rule.tolerance_percent,
    onViolation: rule.on_violation,
    comment: rule.comment ?? "",
  };
}
