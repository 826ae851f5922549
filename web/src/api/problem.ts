import type { Problem, TextSpan } from "./types";

/** An error of the API: what happened, why, and what to do. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | null;
  readonly hint: string | null;
  readonly span: TextSpan | null;
  readonly correlation: string | null;

  constructor(problem: Partial<Problem> & { title: string; status: number }) {
    super(problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code ?? `HTTP${problem.status}`;
    this.detail = problem.detail ?? null;
    this.hint = problem.hint ?? null;
    this.span = problem.span ?? null;
    this.correlation = problem.instance ?? null;
  }
}

/** Make an error of whatever a failed request answered. */
export function toApiError(body: unknown, response: Response): ApiError {
  if (typeof body === "object" && body !== null && "title" in body && typeof body.title === "string") {
    return new ApiError({ ...(body as Partial<Problem>), title: body.title, status: response.status });
  }
  const text = typeof body === "string" && body.length < 300 ? body : response.statusText;
  return new ApiError({ title: text || `the server answered ${response.status}`, status: response.status });
}

/** The error of a request that never got an answer. */
export function unreachable(cause: unknown): ApiError {
  const error = new ApiError({
    title: "the server cannot be reached",
    status: 0,
    code: "UNREACHABLE",
    hint: "The page tries again by itself. Is dyntables serve still running?",
  });
  error.cause = cause;
  return error;
}
