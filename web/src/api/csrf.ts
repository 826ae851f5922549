let token = "app";

/** Take the token of the present sign-in; without users any will do, as pages of other sites cannot send the header. */
export function setCsrfToken(next: string | null | undefined): void {
  token = next ?? "app";
}

/** The headers that prove that a write comes from this app. */
export function csrfHeaders(): [name: string, value: string][] {
  return [["X-CSRF-Token", token]];
}
