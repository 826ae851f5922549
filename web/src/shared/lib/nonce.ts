/** The nonce with which styles may be added under the content security policy; the server puts it into the page. */
export const nonce: string | undefined =
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
