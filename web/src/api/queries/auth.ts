import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, unwrap } from "../client";
import { setCsrfToken } from "../csrf";
import type { Schemas } from "../types";
import { keys } from "./keys";

/** Who asks; its CSRF token goes with every write from then on. */
export function meQuery() {
  return queryOptions({
    queryKey: keys.me,
    queryFn: async ({ signal }) => {
      const me = await unwrap(client.GET("/api/v1/auth/me", { signal }));
      setCsrfToken(me.csrf_token);
      return me;
    },
    staleTime: 60_000,
  });
}

/** Which ways there are to sign in. */
export function signInQuery() {
  return queryOptions({
    queryKey: ["sign-in"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/auth/sign-in", { signal })),
  });
}

/** Sign in by name and password. */
export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["Login"]) => unwrap(client.POST("/api/v1/auth/login", { body })),
    onSuccess: (me) => {
      setCsrfToken(me.csrf_token);
      cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
      cache.setQueryData(keys.me, me);
    },
  });
}

/** Sign out; nothing that was read stays in memory. */
export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(client.POST("/api/v1/auth/logout")),
    onSuccess: () => {
      setCsrfToken(null);
      cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
      void cache.invalidateQueries({ queryKey: keys.me });
    },
  });
}

/** Change one's own password. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (body: Schemas["ChangePassword"]) => unwrap(client.POST("/api/v1/auth/password", { body })),
  });
}

/** All people. */
export function usersQuery() {
  return queryOptions({
    queryKey: keys.users,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/users", { signal })),
  });
}

/** One's own tokens, without their secrets. */
export function tokensQuery() {
  return queryOptions({
    queryKey: keys.tokens,
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/tokens", { signal })),
  });
}

function useChange<In, Out>(key: readonly string[], mutationFn: (input: In) => Promise<Out>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => cache.invalidateQueries({ queryKey: key }) });
}

/** Add a person. */
export function useAddUser() {
  return useChange(keys.users, (body: Schemas["AddUser"]) => unwrap(client.POST("/api/v1/users", { body })));
}

/** Change a person. */
export function useChangeUser() {
  return useChange(keys.users, ({ name, ...body }: { name: string } & Partial<Schemas["ChangeUser"]>) =>
    unwrap(client.PATCH("/api/v1/users/{name}", { params: { path: { name } }, body })),
  );
}

/** Remove a person. */
export function useRemoveUser() {
  return useChange(keys.users, (name: string) =>
    unwrap(client.DELETE("/api/v1/users/{name}", { params: { path: { name } } })),
  );
}

/** Make a token; its secret is in the answer, and nowhere else. */
export function useMakeToken() {
  return useChange(keys.tokens, (body: Schemas["MakeToken"]) =>
    unwrap(client.POST("/api/v1/tokens", { body })),
  );
}

/** Remove a token. */
export function useRemoveToken() {
  return useChange(keys.tokens, (token_id: number) =>
    unwrap(client.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id } } })),
  );
}
